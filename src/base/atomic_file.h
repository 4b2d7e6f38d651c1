// Atomic replacement of files: write a temporary file beside the target, then rename it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace mnist {

/// Replaces `path` by `bytes` in one rename, after the bytes are synced to disk; then syncs the
/// directory. On failure the old file is untouched and the temporary file is removed. A symbolic
/// link to a file stays, and its target is replaced. A device, pipe or directory is refused. The
/// new file gets default permissions. Throws Error(kFailure) naming the path and the reason.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_file_atomically(const std::filesystem::path& path, std::string_view text);

/// The name of the target, from the name of a temporary file that a killed process left; empty if
/// `name` is not that of such a file.
std::string_view target_of_temporary(std::string_view name);

}  // namespace mnist
