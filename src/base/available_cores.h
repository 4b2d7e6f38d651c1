// How many cores this process may use.
#pragma once

#include <cstddef>
#include <filesystem>
#include <iosfwd>

namespace mnist {

/// Cores in the affinity mask, or fewer where a control group's quota grants fewer; at least 1.
std::size_t available_cores();

/// Cores that the CPU quotas of the groups of a process and of all groups above them grant, rounded
/// up; 0 where there is no quota. `groups` is its /proc/PID/cgroup, with groups of version 2
/// (`cpu.max`), version 1 (`cpu.cfs_quota_us`) or both; `root` is where they are mounted.
std::size_t cores_in_quotas(std::istream& groups, const std::filesystem::path& root);

}  // namespace mnist
