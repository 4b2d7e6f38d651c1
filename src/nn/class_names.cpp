#include "nn/class_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"
#include "base/split.h"

namespace mnist {

std::vector<std::string> parse_class_names(std::string_view text) {
  std::vector<std::string> names;
  if (text.empty()) return names;
  const auto refuse = [&](const std::string& why) {
    throw Error(ExitCode::kUsage, fmt::format("class names '{}': {}", text, why));
  };
  const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; };
  for (const std::string_view name : split(text, ',')) {
    if (name.empty()) refuse("one is empty; give a name per class with commas between them");
    if (std::ranges::any_of(name, is_control)) refuse("one holds a control character");
    if (std::ranges::find(names, name) != names.end()) refuse(fmt::format("'{}' is twice", name));
    names.emplace_back(name);
  }
  return names;
}

std::string class_names_text(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ","));
}

}  // namespace mnist
