#include "base/available_cores.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/platform.h"
#include "base/split.h"

#if MNIST_LINUX
#include <sched.h>
#endif

namespace mnist {
namespace {

namespace fs = std::filesystem;

/// CPU time allowed per period, both in microseconds.
struct Quota {
  std::size_t time = 0;
  std::size_t period = 0;
};

// Without a quota the files hold "max" or -1; both fail the test below.
std::optional<Quota> quota_of(const fs::path& group) {
  std::ifstream both(group / "cpu.max");
  std::ifstream time(group / "cpu.cfs_quota_us");
  std::ifstream period(group / "cpu.cfs_period_us");
  for (const auto& [first, second] : {std::pair(&both, &both), std::pair(&time, &period)}) {
    long long t = 0;
    long long p = 0;
    if (*first >> t && *second >> p && t > 0 && p > 0) {
      return Quota{static_cast<std::size_t>(t), static_cast<std::size_t>(p)};
    }
  }
  return std::nullopt;
}

/// The smallest quota of `group` and its ancestors below `root`, in cores, but at most `most`.
std::size_t cores_in_group(const fs::path& root, fs::path group, std::size_t most) {
  for (;; group = group.parent_path()) {
    if (const std::optional<Quota> quota = quota_of(root / group)) {
      most = std::min(most, (quota->time - 1) / quota->period + 1);
    }
    if (group.empty()) return most;
  }
}

std::size_t usable_cores() {
#if MNIST_LINUX
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (sched_getaffinity(0, sizeof mask, &mask) == 0) {
    return static_cast<std::size_t>(CPU_COUNT(&mask));
  }
  // The call fails if the machine has more cores than a cpu_set_t has bits.
#endif
  return std::thread::hardware_concurrency();
}

}  // namespace

std::size_t cores_in_quotas(std::istream& groups, const fs::path& root) {
  constexpr std::size_t kNoQuota = std::numeric_limits<std::size_t>::max();
  std::size_t cores = kNoQuota;
  // Each line is "ID:CONTROLLERS:/GROUP"; in version 2 CONTROLLERS is empty.
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(":/", first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const fs::path group = line.substr(second + 2);
    if (controllers.empty()) {
      cores = cores_in_group(root, group, cores);
    } else if (std::ranges::count(split(controllers, ','), "cpu") > 0) {
      cores = cores_in_group(root / controllers, group, cores);
    }
  }
  return cores == kNoQuota ? 0 : cores;
}

std::size_t available_cores() {
  const std::size_t cores = std::max<std::size_t>(1, usable_cores());
  std::size_t granted = 0;
#if MNIST_LINUX
  std::ifstream groups("/proc/self/cgroup");
  granted = cores_in_quotas(groups, "/sys/fs/cgroup");
#endif
  return granted == 0 ? cores : std::min(cores, granted);
}

}  // namespace mnist
