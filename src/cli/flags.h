// Flags with typed values. Their text is checked here, so that a mistake reads the same on the
// command line and in a config file: the value, and what it should have been.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/number.h"
#include "base/suggestion.h"

namespace mnist {

/// A word that a flag accepts and what it stands for.
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

/// The value of `text`, a number of at least `minimum`. Throws CLI::ValidationError.
template <class T>
T parse_number(const std::string& text, T minimum = std::numeric_limits<T>::lowest()) {
  const std::optional<T> value = read_number<T>(text);
  bool good = value && *value >= minimum;
  if constexpr (std::is_floating_point_v<T>) good = good && std::isfinite(*value);
  if (good) return *value;
  if constexpr (std::is_floating_point_v<T>) {
    throw CLI::ValidationError(fmt::format("'{}' is no number", text));
  } else {
    throw CLI::ValidationError(fmt::format("'{}' is no whole number from {} on", text, minimum));
  }
}

/// Adds flags to a command, group by group; each sets the variable that it is given.
class FlagAdder {
 public:
  explicit FlagAdder(CLI::App& command) : command_(command) {}

  /// Flags added from now on stand under this heading of --help.
  void group(std::string name) { group_ = std::move(name); }

  /// A number, or a number that may be absent.
  template <class T>
  CLI::Option* number(const std::string& name, T& value, const std::string& description) {
    return add(name, type_name<T>(), value, with_default(description, value),
               [](const std::string& text) { return parse_number<T>(text); });
  }
  template <class T>
  CLI::Option* number(const std::string& name, std::optional<T>& value,
                      const std::string& description) {
    return add(name, type_name<T>(), value, description,
               [](const std::string& text) { return parse_number<T>(text); });
  }

  /// A whole number of at least 1, or one that may be absent.
  CLI::Option* count(const std::string& name, std::size_t& value, const std::string& description) {
    return add(name, "N", value, with_default(description, value), parse_count);
  }
  CLI::Option* count(const std::string& name, std::optional<std::size_t>& value,
                     const std::string& description) {
    return add(name, "N", value, description, parse_count);
  }

  CLI::Option* text(const std::string& name, const std::string& type, std::string& value,
                    const std::string& description) {
    return add(name, type, value, with_default(description, value),
               [](const std::string& given) { return given; });
  }

  /// A text that may be given several times.
  CLI::Option* texts(const std::string& name, const std::string& type,
                     std::vector<std::string>& values, const std::string& description) {
    return command_.add_option("--" + name, values, description)
        ->type_name(type)
        ->allow_extra_args(false)
        ->group(group_);
  }

  CLI::Option* file(const std::string& name, std::filesystem::path& value,
                    const std::string& description) {
    return add(name, "FILE", value, with_default(description, value.string()), parse_path);
  }
  CLI::Option* directory(const std::string& name, std::filesystem::path& value,
                         const std::string& description) {
    return add(name, "DIR", value, with_default(description, value.string()), parse_path);
  }

  template <class T>
  CLI::Option* choice(const std::string& name, T& value, std::span<const Choice<T>> choices,
                      const std::string& description) {
    std::vector<std::string> names;
    for (const Choice<T>& one : choices) names.emplace_back(one.name);
    const std::string any = fmt::format("{}", fmt::join(names, "|"));
    return add(name, any, value, with_default(description, name_of(value, choices)),
               [choices, names, any](const std::string& text) {
                 for (const Choice<T>& one : choices) {
                   if (one.name == text) return one.value;
                 }
                 throw CLI::ValidationError(
                     fmt::format("'{}' is none of {}{}", text, any, did_you_mean(text, names)));
               });
  }

  /// A flag without a value.
  CLI::Option* on_switch(const std::string& name, bool& value, const std::string& description) {
    return command_.add_flag("--" + name, value, description)->group(group_);
  }

  /// A flag without a value that turns off what is on by default.
  CLI::Option* off_switch(const std::string& name, bool& value, const std::string& description) {
    return command_
        .add_flag_callback(
            "--" + name, [&value] { value = false; }, description)
        ->group(group_);
  }

 private:
  static std::size_t parse_count(const std::string& text) {
    return parse_number<std::size_t>(text, 1);
  }
  static std::filesystem::path parse_path(const std::string& text) {
    if (text.empty()) throw CLI::ValidationError("the path is empty");
    return text;
  }

  template <class T>
  static std::string type_name() {
    return std::is_floating_point_v<T> ? "X" : "N";
  }

  template <class T>
  static std::string with_default(const std::string& description, const T& value) {
    const std::string text = fmt::format("{}", value);
    return text.empty() ? description : fmt::format("{} [{}]", description, text);
  }

  // The last of several occurrences on the command line counts.
  template <class T, class Parse>
  CLI::Option* add(const std::string& name, const std::string& type, T& value,
                   const std::string& description, Parse parse) {
    const auto set = [&value, parse, name](const std::string& text) {
      try {
        value = parse(text);
      } catch (const CLI::ValidationError& error) {
        throw CLI::ValidationError("--" + name, error.what());
      }
    };
    return command_.add_option_function<std::string>("--" + name, set, description)
        ->type_name(type)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
        ->group(group_);
  }

  CLI::App& command_;
  std::string group_ = "Options";
};

}  // namespace mnist
