// The file that this program was started from.
#pragma once

#include <filesystem>
#include <optional>

namespace mnist {

/// Remembers what the program was called as; main's first act, before it goes to another directory.
void remember_program(const char* name);

/// What it was called as in the shell: a name that is looked for in PATH, or a path.
std::filesystem::path program_name();

/// The file itself, where links lead to; nothing where it cannot be found.
std::optional<std::filesystem::path> program_path();

}  // namespace mnist
