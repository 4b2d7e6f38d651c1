// Files that appear whole or not at all: written beside their place, then renamed.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace mnist {

/// Replaces `path` by `bytes` in one rename, after they are safely on disk, and for good: the
/// directory is synced as well. On any failure the file that stood there before is untouched and
/// nothing is left beside it. A symbolic link to a file
/// stays, and what it names is replaced; a device, pipe or directory is refused. The new file has
/// the permissions of any new file. Throws Error(kFailure) naming the path and the reason.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_file_atomically(const std::filesystem::path& path, std::string_view text);

/// The name of the file that a process was about to write when it was killed, from that of the
/// temporary file which it left; empty where `name` is no such file's.
std::string_view target_of_temporary(std::string_view name);

}  // namespace mnist
