#include "base/available_cores.h"

#include <sched.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>
#include <thread>

namespace mnist {
namespace {

std::size_t cores_in_affinity_mask() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (sched_getaffinity(0, sizeof mask, &mask) == 0) {
    return static_cast<std::size_t>(CPU_COUNT(&mask));
  }
  // More cores than a cpu_set_t has bits.
  return std::thread::hardware_concurrency();
}

/// This process's group: the line "0::/path" of the version 2 hierarchy.
std::filesystem::path own_group() {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("0::/")) return line.substr(4);
  }
  return {};
}

}  // namespace

std::size_t cores_in_quota(const std::filesystem::path& root, std::filesystem::path group) {
  constexpr std::size_t kNoQuota = std::numeric_limits<std::size_t>::max();
  std::size_t fewest = kNoQuota;
  for (;; group = group.parent_path()) {
    // "QUOTA PERIOD" in microseconds, or "max PERIOD", which does not parse as a number.
    std::ifstream file(root / group / "cpu.max");
    std::size_t quota = 0;
    std::size_t period = 0;
    if (file >> quota >> period && quota > 0 && period > 0) {
      fewest = std::min(fewest, (quota - 1) / period + 1);
    }
    if (group.empty()) break;
  }
  return fewest == kNoQuota ? 0 : fewest;
}

std::size_t available_cores() {
  const std::size_t cores = std::max<std::size_t>(1, cores_in_affinity_mask());
  const std::size_t granted = cores_in_quota("/sys/fs/cgroup", own_group());
  return granted == 0 ? cores : std::min(cores, granted);
}

}  // namespace mnist
