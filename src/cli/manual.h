// The manual page mnist(1).
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace mnist {

/// The page in roff's man macros, made from the descriptions of all commands and flags.
std::string manual_page(const CLI::App& program);

}  // namespace mnist
