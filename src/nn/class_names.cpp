#include "nn/class_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "base/error.h"
#include "base/split.h"
#include "base/text.h"

namespace mnist {
namespace {

constexpr std::size_t kMostShown = 200;  // characters of an invalid text in its message

}  // namespace

std::vector<std::string> parse_class_names(std::string_view text) {
  std::vector<std::string> names;
  if (text.empty()) return names;
  const auto bad_names = [&](const std::string& why) {
    refuse(fmt::format("class names '{}': {}", clipped(text, kMostShown), why));
  };
  std::set<std::string_view> known;
  for (const std::string_view name : split(text, ',')) {
    if (name.empty()) bad_names("one is empty; give a name per class with commas between them");
    if (!is_utf8(name)) bad_names("one is no UTF-8; choose another name");
    if (has_control_character(name)) bad_names("one holds a control character");
    if (!known.insert(name).second) bad_names(fmt::format("'{}' is twice", name));
    names.emplace_back(name);
  }
  return names;
}

std::string class_names_text(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ","));
}

}  // namespace mnist
