// A visitor that sets one setting by its name. A list of settings, such as visit_settings(), calls
// for each setting the visitor's method for the kind of its value.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/parse.h"

namespace mnist {

/// The calls that most visitors ignore.
struct SettingVisitor {
  void group(const std::string&) {}
  void depend_on(const std::string&, std::initializer_list<std::string_view>) {}
  void exclude(const std::string&, const std::string&) {}
};

/// Sets the setting `name` to the value of `text`. Throws Error(kUsage) for an invalid value.
class SettingSetter : public SettingVisitor {
 public:
  SettingSetter(std::string_view name, const std::string& text) : name_(name), text_(text) {}

  template <class T>
  void number(std::string_view name, T& value, const std::string&) {
    if (name == name_) set(value, [&]<class N>(N) { return parse_number<N>(text_); });
  }
  template <class T>
  void count(std::string_view name, T& value, const std::string&) {
    if (name == name_) set(value, [&]<class N>(N) { return parse_number<N>(text_, 1); });
  }
  void text(std::string_view name, const std::string&, std::string& value, const std::string&) {
    if (name == name_) value = text_;
  }
  void file(std::string_view name, std::filesystem::path& value, const std::string&) {
    if (name != name_) return;
    if (text_.empty()) refuse("the path is empty");
    value = text_;
  }
  void data(std::string_view name, std::filesystem::path& value, const std::string& help) {
    file(name, value, help);
  }
  template <class T>
  void choice(std::string_view name, T& value, std::span<const Choice<T>> choices,
              const std::string&) {
    if (name == name_) value = parse_choice(text_, choices);
  }
  void off_switch(std::string_view name, bool& value, const std::string&) {
    if (name == name_) value = !parse_switch(text_);
  }
  void on_switch(std::string_view name, bool& value, const std::string&) {
    if (name == name_) value = parse_switch(text_);
  }
  template <class T>
  void unless_empty(std::string_view name, const std::string&, T& value, const std::string&) {
    if (name == name_) value = text_;
  }
  void unless(std::string_view name, const std::string&, std::string& value, const std::string&,
              const std::string&) {
    if (name == name_) value = text_;
  }

 private:
  template <class T, class Parse>
  static void set(T& value, Parse parse) {
    value = parse(T{});
  }
  template <class T, class Parse>
  static void set(std::optional<T>& value, Parse parse) {
    value = parse(T{});
  }

  std::string_view name_;
  const std::string& text_;
};

}  // namespace mnist
