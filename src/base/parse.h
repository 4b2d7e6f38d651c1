// Values from text. The command line and config files share these functions, so both report a
// mistake in the same words.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "base/number.h"
#include "base/suggestion.h"

namespace mnist {

/// The value of `text`, a number of at least `minimum`. Throws Error(kUsage).
template <class T>
T parse_number(const std::string& text, T minimum = std::numeric_limits<T>::lowest()) {
  const std::optional<T> value = read_number<T>(text);
  bool good = value && *value >= minimum;
  if constexpr (std::is_floating_point_v<T>) good = good && std::isfinite(*value);
  if (good) return *value;
  refuse(std::is_floating_point_v<T>
             ? fmt::format("'{}' is no number", text)
             : fmt::format("'{}' is no whole number from {} on", text, minimum));
}

/// Throws Error(kUsage).
inline bool parse_switch(const std::string& text) {
  if (text == "true" || text == "false") return text == "true";
  refuse(fmt::format("'{}' is not true or false", text));
}

/// An accepted word and its value.
template <class T>
struct Choice {
  std::string_view name;
  T value;
};

/// The first name of a value.
template <class T>
std::string_view name_of(T value, std::span<const Choice<T>> choices) {
  for (const Choice<T>& choice : choices) {
    if (choice.value == value) return choice.name;
  }
  return "";
}

/// "adam|sgd"
template <class T>
std::string names_of(std::span<const Choice<T>> choices) {
  std::string names;
  for (const Choice<T>& choice : choices) {
    if (!names.empty()) names += '|';
    names += choice.name;
  }
  return names;
}

/// The value whose name is `text`. Throws Error(kUsage) with the nearest name.
template <class T>
T parse_choice(const std::string& text, std::span<const Choice<T>> choices) {
  std::vector<std::string> names;
  for (const Choice<T>& choice : choices) {
    if (choice.name == text) return choice.value;
    names.emplace_back(choice.name);
  }
  refuse(fmt::format("'{}' is none of {}{}", text, names_of(choices), did_you_mean(text, names)));
}

}  // namespace mnist
