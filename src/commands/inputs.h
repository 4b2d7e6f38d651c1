// Files that a command is given, told apart by content.
#pragma once

#include <filesystem>

namespace mnist {

/// Whether a file begins as a safetensors file does.
bool is_weights_file(const std::filesystem::path& path);

/// The weights file that `weights_or_run` names: itself, or the one in that run directory. Throws
/// Error(kBadInput) for a run without weights and for a file that is none of weights.
std::filesystem::path weights_file(const std::filesystem::path& weights_or_run);

/// The file with data that `path` names, see find_data_file; "-" is standard input. Throws
/// Error(kBadInput) for a weights file or a run directory.
std::filesystem::path data_file(const std::filesystem::path& path);

}  // namespace mnist
