// Splitting and trimming text.
#pragma once

#include <string_view>
#include <vector>

namespace mnist {

/// `text` without the characters `blanks` at its beginning and end.
std::string_view trimmed(std::string_view text, std::string_view blanks = " ");

/// The trimmed entries between separators, at least one. They point into `text`.
std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace mnist
