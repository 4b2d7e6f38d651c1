// The size of a terminal.
#pragma once

#include <cstddef>
#include <cstdio>

namespace mnist {

/// The columns of the terminal behind a stream; 80 if there is none or its size is unknown.
std::size_t terminal_width(std::FILE* stream);

}  // namespace mnist
