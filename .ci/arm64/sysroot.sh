#!/bin/bash
# Unpacks the arm64 packages of Debian 12 that the build needs into DIR (190 MB). Run it as root.
# usage: sysroot.sh DIR, then: cmake -S . -B build-arm64 -DARM64_ROOT=DIR -DCMAKE_TOOLCHAIN_FILE=.ci/arm64/toolchain.cmake
# run:   qemu-aarch64 -cpu max -L DIR build-arm64/mnist ...   (-cpu cortex-a72: NEON only)
set -euo pipefail
dir=$1; work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
mkdir -p "$dir" "$work/lists/partial" "$work/cache/archives/partial"; : >"$work/status"
apt_arm64() {
  apt-get -oAPT::Architecture=arm64 -oAPT::Architectures=arm64 -oDir::State::Lists="$work/lists" \
    -oDir::State::status="$work/status" -oDir::Cache="$work/cache" -oDebug::NoLocking=1 "$@"
}
apt_arm64 update >/dev/null
apt_arm64 install -y --no-install-recommends --download-only libc6-dev libstdc++-12-dev catch2 libarchive-dev libcli11-dev \
  libfccp-dev libhwy-dev libjpeg-dev libonnx-dev libpng-dev libprotobuf-dev libspdlog-dev \
  libtomlplusplus-dev nlohmann-json3-dev zlib1g-dev >/dev/null
for package in "$work"/cache/archives/*.deb; do dpkg -x "$package" "$dir"; done
