// The manual page mnist(1).
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace mnist {

/// In the man macros of roff, made of what --help says of the program and of each command.
std::string manual_page(const CLI::App& program);

}  // namespace mnist
