// How many cores this process may use.
#pragma once

#include <cstddef>
#include <filesystem>

namespace mnist {

/// Cores in the affinity mask, or fewer where a control group's quota grants fewer; at least 1.
std::size_t available_cores();

/// Cores that the CPU quotas (`cpu.max`, control groups version 2) of `group` and the groups above
/// it grant, rounded up; 0 where there is no quota. `group` is relative to the mount point `root`.
std::size_t cores_in_quota(const std::filesystem::path& root, std::filesystem::path group);

}  // namespace mnist
