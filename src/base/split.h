// Text that lists entries with a character between them.
#pragma once

#include <string_view>
#include <vector>

namespace mnist {

/// `text` without any of these characters around it.
std::string_view trimmed(std::string_view text, std::string_view blanks = " ");

/// The trimmed entries of "a, b,c", at least one; they point into `text`.
std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace mnist
