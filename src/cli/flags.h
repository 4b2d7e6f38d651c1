// Flags with typed values. base/parse.h reads the values, so that the command line and config files
// report a mistake in the same words.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/parse.h"
#include "train/settings.h"

namespace mnist {

/// Adds flags to a command. Parsing a flag sets the variable that was passed with it; the
/// variable's value at the time of adding is the default in --help.
class FlagAdder {
 public:
  explicit FlagAdder(CLI::App& command) : command_(command) {}

  /// Sets the heading in --help for the flags added from now on.
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

  /// The flag -o or --output, the file that a command writes.
  CLI::Option* output(std::filesystem::path& value, const std::string& description) {
    return add("output", "FILE", value, description, parse_path);
  }

  template <class T>
  CLI::Option* choice(const std::string& name, T& value, std::span<const Choice<T>> choices,
                      const std::string& description) {
    return add(name, names_of(choices), value, with_default(description, name_of(value, choices)),
               [choices](const std::string& text) { return parse_choice(text, choices); });
  }

  /// A flag without a value.
  CLI::Option* on_switch(const std::string& name, bool& value, const std::string& description) {
    return command_.add_flag("--" + name, value, description)->group(group_);
  }

  /// A flag for a setting of training, in the current group.
  CLI::Option* setting(const Setting& setting, TrainSettings& settings);

 private:
  static std::size_t parse_count(const std::string& text) {
    return parse_number<std::size_t>(text, 1);
  }
  static std::filesystem::path parse_path(const std::string& text) {
    if (text.empty()) refuse("the path is empty");
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

  template <class T, class Parse>
  CLI::Option* add(const std::string& name, const std::string& type, T& value,
                   const std::string& description, Parse parse) {
    return add(name, type, description,
               [&value, parse](const std::string& text) { value = parse(text); });
  }
  CLI::Option* add(const std::string& name, const std::string& type, const std::string& description,
                   std::function<void(const std::string&)> set, bool once = false);

  CLI::App& command_;
  std::string group_ = "Options";
};

/// Adds a flag for each setting of training; parsing sets `settings`, which must outlive the
/// command and whose values at this moment are the defaults.
void add_setting_flags(CLI::App& command, TrainSettings& settings);

/// Adds the flags for image distortion, in the current group.
void add_distortion_flags(FlagAdder& add, TrainSettings& settings);

}  // namespace mnist
