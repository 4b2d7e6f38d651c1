// Text that lists entries with commas between them.
#pragma once

#include <string_view>
#include <vector>

namespace mnist {

/// The entries of "a, b,c" without the blanks around them, at least one; they point into `text`.
std::vector<std::string_view> split_at_commas(std::string_view text);

}  // namespace mnist
