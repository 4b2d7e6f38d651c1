// Class names as text: "cat,dog,bird".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mnist {

/// The names in the order of the labels; none for an empty text. Throws Error(kUsage) for a name
/// that is empty, duplicate, not UTF-8 or contains a control character.
std::vector<std::string> parse_class_names(std::string_view text);

/// The text that parse_class_names reads.
std::string class_names_text(const std::vector<std::string>& names);

}  // namespace mnist
