// The file that this program was started from.
#pragma once

#include <filesystem>
#include <optional>

namespace mnist {

/// Its path; nothing where the system does not tell.
std::optional<std::filesystem::path> program_path();

/// What it was called as in the shell: a name that is looked for in PATH, or a path.
std::filesystem::path program_name();

}  // namespace mnist
