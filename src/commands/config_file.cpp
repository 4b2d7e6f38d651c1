#include "commands/config_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

#include "base/error.h"
#include "commands/data_paths.h"
#include "commands/flags.h"
#include "commands/suggestion.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

using Items = std::map<std::string, std::string>;  // values by key

[[noreturn]] void bad_config(const fs::path& file, const std::string& message) {
  throw Error(ExitCode::kBadInput, fmt::format("{}: {}", file.string(), message));
}

bool in_key(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-'; }

// The line without comment and outer blanks. A '#' in a string begins no comment.
std::string significant_part(const std::string& line) {
  char quote = 0;
  std::size_t end = 0;
  for (; end < line.size() && (quote != 0 || line[end] != '#'); ++end) {
    if (quote == 0 && (line[end] == '"' || line[end] == '\'')) {
      quote = line[end];
    } else if (line[end] == quote) {
      quote = 0;
    }
  }
  if (quote != 0) throw std::invalid_argument("a string without its end");
  return CLI::detail::trim_copy(line.substr(0, end));
}

// Adds what a line holds to `items`. CLI11 reads the value; what it would pass over in silence is
// an error here.
void read_line(const std::string& line, Items& items) {
  const std::string part = significant_part(line);
  if (part.empty()) return;
  if (part.front() == '[') throw std::invalid_argument("a config file has no sections");
  const auto key_end = std::find_if_not(part.begin(), part.end(), in_key);
  const std::string key(part.begin(), key_end);
  const std::string rest = CLI::detail::trim_copy(std::string(key_end, part.end()));
  if (key.empty() || !rest.starts_with('=') || rest == "=") {
    throw std::invalid_argument("no 'key = value'");
  }
  CLI::ConfigTOML reader;
  reader.comment('\n');  // comments are gone already
  std::istringstream one_line(part);
  const std::vector<CLI::ConfigItem> parsed = reader.from_config(one_line);
  if (parsed.size() != 1) throw std::invalid_argument("no 'key = value'");
  if (!items.emplace(key, fmt::format("{}", fmt::join(parsed[0].inputs, ","))).second) {
    throw std::invalid_argument(key + " is given twice");
  }
}

Items read_items(const fs::path& file) {
  std::error_code ignored;
  std::ifstream in(file);
  if (!in || fs::is_directory(file, ignored)) bad_config(file, "no config file that can be read");
  Items items;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    try {
      read_line(line, items);
    } catch (const std::invalid_argument& error) {
      bad_config(file, fmt::format("line {}: {}", number, error.what()));
    }
  }
  return items;
}

CLI::Option& find_option(CLI::App& command, const fs::path& file, const std::string& key) {
  std::vector<std::string> keys;
  for (CLI::Option* option : command.get_options()) {
    if (!option->get_configurable() || option->get_lnames().empty()) continue;
    if (option->check_lname(key)) return *option;
    keys.push_back(option->get_lnames().front());
  }
  bad_config(file, fmt::format("unknown key '{}'{}", key, did_you_mean(key, keys)));
}

void set_option(CLI::Option& option, const std::string& value) {
  const bool has_no_value = option.get_expected_max() == 0;
  if (has_no_value && value != "true" && value != "false") {
    throw CLI::ValidationError(option.get_name(), fmt::format("'{}' is not true or false", value));
  }
  option.add_result(value);
  option.run_callback();
}

// Whether the command line gives the flag that `key` depends on another value than the file.
bool lost_its_meaning(const std::string& key, CLI::App& command, const Items& items,
                      const DependentKeys& dependent) {
  for (const auto& [owner, keys] : dependent) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) continue;
    const auto in_file = items.find(owner);
    const CLI::Option* option = command.get_option_no_throw("--" + owner);
    if (in_file != items.end() && option != nullptr && option->count() > 0 &&
        option->results().back() != in_file->second) {
      return true;
    }
  }
  return false;
}

}  // namespace

void add_config_flags(CLI::App& command, ConfigFlags& flags) {
  FlagAdder add(command);
  add.group("Configuration");
  CLI::Option* config =
      add.file("config", flags.config, "TOML file whose keys are flags; the command line wins");
  CLI::Option* preset = add.text(
      "preset", "NAME", flags.preset,
      fmt::format("a config that comes with the program: {}", fmt::join(preset_names(), ", ")));
  config->configurable(false)->excludes(preset->configurable(false));
}

std::optional<fs::path> config_path(const ConfigFlags& flags) {
  if (!flags.preset.empty()) return find_preset(flags.preset);
  if (!flags.config.empty()) return flags.config;
  return std::nullopt;
}

void apply_config_file(CLI::App& command, const fs::path& file, const DependentKeys& dependent) {
  std::set<const CLI::Option*> on_command_line;
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() > 0) on_command_line.insert(option);
  }
  const Items items = read_items(file);
  for (const auto& [key, value] : items) {
    CLI::Option& option = find_option(command, file, key);
    bool overridden =
        on_command_line.contains(&option) || lost_its_meaning(key, command, items, dependent);
    for (const CLI::Option* other : option.get_excludes()) {
      if (on_command_line.contains(other)) {
        overridden = true;
      } else if (other->count() > 0) {
        bad_config(file, fmt::format("{} excludes {}", key, other->get_lnames().front()));
      }
    }
    if (overridden) continue;
    try {
      set_option(option, value);
    } catch (const CLI::ParseError& error) {
      const std::string_view message = error.what();
      bad_config(file, std::string(message.substr(message.starts_with("--") ? 2 : 0)));
    }
  }
}

std::string config_string(const std::string& key, const std::string& value) {
  const bool control = std::any_of(value.begin(), value.end(), [](char c) {
    return std::iscntrl(static_cast<unsigned char>(c)) != 0;
  });
  const char quote = value.find('"') == std::string::npos ? '"' : '\'';
  if (control || value.find(quote) != std::string::npos) {
    throw Error(ExitCode::kUsage,
                fmt::format("{}: '{}' fits in no config file; avoid line breaks and both kinds of "
                            "quotes in one name",
                            key, value));
  }
  return fmt::format("{} = {}{}{}\n", key, quote, value, quote);
}

}  // namespace mnist
