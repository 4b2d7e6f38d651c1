// How many cores this process may use.
#pragma once

#include <cstddef>
#include <filesystem>
#include <iosfwd>

namespace mnist {

/// Cores in the affinity mask, limited by the CPU quotas of control groups; at least 1.
std::size_t available_cores();

/// The smallest CPU quota of a process's control groups and their ancestors, in cores, rounded up;
/// 0 if there is no quota. `groups` is the process's /proc/PID/cgroup, with groups of version 2
/// (`cpu.max`), version 1 (`cpu.cfs_quota_us`) or both. `root` is their mount point.
std::size_t cores_in_quotas(std::istream& groups, const std::filesystem::path& root);

}  // namespace mnist
