#include "cli/completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "base/split.h"
#include "cli/config_file.h"
#include "cli/data_paths.h"

namespace mnist {
namespace {

constexpr const char* kFiles = "files\n";
constexpr const char* kDirectories = "directories\n";

// Collects the words that start with `begin`.
class Words {
 public:
  explicit Words(std::string_view begin) : begin_(begin) {}

  void add(const std::string& word, const std::string& meaning = "") {
    if (word.starts_with(begin_)) text_ += fmt::format("{}\t{}\n", word, meaning);
  }
  std::string text() const { return text_; }

 private:
  std::string begin_;
  std::string text_ = "words\n";
};

bool is_hidden(const CLI::Option* option) { return option->get_group().empty(); }

// A type in lower case lists the accepted values ("adam|sgd"); one in upper case names a kind of
// value ("FILE").
bool is_choice(const std::string& type) {
  return std::none_of(type.begin(), type.end(),
                      [](char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; });
}

// The values of a flag that start with `begin`, each with `before` in front.
std::string values(const CLI::Option& option, const std::string& before, std::string_view begin) {
  const std::string type = option.get_type_name();
  if (type == "FILE") return kFiles;
  if (type == "DIR") return kDirectories;
  Words words(before + std::string(begin));
  if (type == kPresetType) {
    for (const std::string& name : preset_names()) words.add(before + name);
  } else if (is_choice(type)) {
    for (const std::string_view name : split(type, '|')) words.add(before + std::string(name));
  }
  return words.text();
}

std::string flags(const CLI::App& command, std::string_view begin) {
  Words words(begin);
  for (const CLI::Option* option : command.get_options()) {
    if (is_hidden(option)) continue;
    for (const std::string& name : option->get_lnames()) {
      words.add("--" + name, option->get_description());
    }
    for (const std::string& name : option->get_snames()) {
      words.add("-" + name, option->get_description());
    }
  }
  return words.text();
}

std::string commands(const CLI::App& program, std::string_view begin) {
  Words words(begin);
  for (const CLI::App* command : program.get_subcommands({})) {
    words.add(command->get_name(), command->get_description());
  }
  return words.text();
}

// Candidates for a positional argument.
std::string arguments(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) return option->get_name() == "RUN" ? kDirectories : kFiles;
  }
  return flags(command, "");
}

}  // namespace

std::string completions(const CLI::App& program, const std::vector<std::string>& words) {
  const CLI::App* command = &program;
  const CLI::Option* flag = nullptr;  // the flag whose value comes next
  std::string last;
  for (std::size_t i = 0; i < words.size(); ++i) {
    last = words[i] == "=" ? "" : words[i];
    if (i + 1 == words.size() || words[i] == "=") continue;
    if (flag != nullptr) {
      flag = nullptr;
    } else if (last.starts_with('-')) {
      const CLI::Option* option = command->get_option_no_throw(last);
      if (option != nullptr && option->get_expected_max() > 0) flag = option;
    } else if (command == &program) {
      for (const CLI::App* one : program.get_subcommands({})) {
        if (one->get_name() == last) command = one;
      }
    }
  }
  if (flag != nullptr) return values(*flag, "", last);
  const std::size_t equals = last.find('=');
  if (last.starts_with("--") && equals != std::string::npos) {
    flag = command->get_option_no_throw(last.substr(0, equals));
    return flag == nullptr ? Words("").text()
                           : values(*flag, last.substr(0, equals + 1), last.substr(equals + 1));
  }
  if (last.starts_with('-')) return flags(*command, last);
  return command == &program ? commands(program, last) : arguments(*command);
}

}  // namespace mnist
