// What people call the classes, as text: "cat,dog,bird".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mnist {

/// The names in the order of their labels; none for empty text. Throws Error(kUsage) for a name
/// that is empty, comes twice or holds a control character.
std::vector<std::string> parse_class_names(std::string_view text);

/// The same text again.
std::string class_names_text(const std::vector<std::string>& names);

}  // namespace mnist
