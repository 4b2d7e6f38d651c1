// The size of a terminal.
#pragma once

#include <cstddef>
#include <cstdio>

namespace mnist {

/// Columns of the terminal behind a stream; 80 where there is none or it does not tell.
std::size_t terminal_width(std::FILE* stream);

}  // namespace mnist
