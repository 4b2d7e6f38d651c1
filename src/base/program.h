// The program's own name and executable file.
#pragma once

#include <filesystem>
#include <optional>

namespace mnist {

/// Stores argv[0] and the working directory; main() calls this first.
void remember_program(const char* name);

/// argv[0]: a name that the shell found in PATH, or a path.
std::filesystem::path program_name();

/// The executable file with symbolic links resolved; nothing if it cannot be found.
std::optional<std::filesystem::path> program_path();

}  // namespace mnist
