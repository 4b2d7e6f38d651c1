#include "cli/config_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <sstream>
#include <stdexcept>

#include "base/error.h"
#include "base/file.h"
#include "base/suggestion.h"
#include "base/text.h"
#include "cli/data_paths.h"
#include "cli/flags.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

struct Item {
  std::string key;
  std::vector<std::string> values;  // of an array; else one

  std::string value() const { return fmt::format("{}", fmt::join(values, ",")); }
};

using Items = std::vector<Item>;  // in the order of the file

const Item* find_item(const Items& items, const std::string& key) {
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.key == key; });
  return found == items.end() ? nullptr : &*found;
}

[[noreturn]] void bad_config(const fs::path& file, const std::string& message) {
  throw Error(ExitCode::kBadInput, fmt::format("{}: {}", file.string(), message));
}

bool in_key(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.';
}

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
  if (find_item(items, key) != nullptr) throw std::invalid_argument(key + " is given twice");
  Item item{key, parsed[0].inputs};
  for (std::string& value : item.values) {
    CLI::detail::remove_quotes(CLI::detail::trim(value));
  }
  items.push_back(std::move(item));
}

Items read_items(const fs::path& file) {
  LineReader lines(file);
  Items items;
  std::string_view line;
  for (int number = 1; lines.next(line); ++number) {
    try {
      read_line(std::string(line), items);
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

// Whether the command line gives the flag that `key` depends on another value than the file.
bool lost_its_meaning(const std::string& key, CLI::App& command, const Items& items,
                      const DependentKeys& dependent, const std::set<std::string>& replaced) {
  for (const auto& [owner, keys] : dependent) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) continue;
    if (replaced.contains(owner)) return true;
    const Item* in_file = find_item(items, owner);
    const CLI::Option* option = command.get_option_no_throw("--" + owner);
    if (in_file != nullptr && option != nullptr && option->count() > 0 &&
        option->results().back() != in_file->value()) {
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
      "preset", kPresetType, flags.preset,
      fmt::format("a config that comes with the program: {}", fmt::join(preset_names(), ", ")));
  config->configurable(false)->excludes(preset->configurable(false));
}

std::optional<fs::path> config_path(const ConfigFlags& flags) {
  if (!flags.preset.empty()) return find_preset(flags.preset);
  if (!flags.config.empty()) return flags.config;
  return std::nullopt;
}

void set_option(CLI::Option& option, const std::string& value) {
  const bool has_no_value = option.get_expected_max() == 0;
  if (has_no_value && value != "true" && value != "false") {
    throw CLI::ValidationError(option.get_name(), fmt::format("'{}' is not true or false", value));
  }
  option.add_result(value);
  option.run_callback();
}

std::vector<std::pair<std::string, std::vector<std::string>>> config_section(
    const fs::path& file, const std::string& section) {
  std::vector<std::pair<std::string, std::vector<std::string>>> entries;
  const std::string prefix = fmt::format("{}.", section);
  for (const Item& item : read_items(file)) {
    if (item.key.starts_with(prefix)) {
      entries.emplace_back(item.key.substr(prefix.size()), item.values);
    }
  }
  return entries;
}

void apply_config_file(CLI::App& command, const fs::path& file, const DependentKeys& dependent,
                       const std::set<std::string>& replaced) {
  std::set<const CLI::Option*> on_command_line;
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() > 0) on_command_line.insert(option);
  }
  const Items items = read_items(file);
  for (const Item& item : items) {
    const std::string& key = item.key;
    const std::size_t dot = key.find('.');
    if (dot != std::string::npos &&
        command.get_option_no_throw(fmt::format("--{}", key.substr(0, dot))) != nullptr) {
      continue;  // for config_section
    }
    CLI::Option& option = find_option(command, file, key);
    bool overridden = on_command_line.contains(&option) || replaced.contains(key) ||
                      lost_its_meaning(key, command, items, dependent, replaced);
    for (const CLI::Option* other : option.get_excludes()) {
      if (on_command_line.contains(other) || replaced.contains(other->get_lnames().front())) {
        overridden = true;
      } else if (other->count() > 0) {
        bad_config(file, fmt::format("{} excludes {}", key, other->get_lnames().front()));
      }
    }
    if (overridden) continue;
    try {
      set_option(option, item.value());
    } catch (const CLI::ParseError& error) {
      const std::string_view message = error.what();
      bad_config(file, std::string(message.substr(message.starts_with("--") ? 2 : 0)));
    }
  }
}

std::string config_line(const std::string& key, const nlohmann::ordered_json& value) {
  return value.is_string() ? config_string(key, value.get<std::string>())
                           : fmt::format("{} = {}\n", key, value.dump());
}

std::string config_string(const std::string& key, const std::string& value) {
  check_name(key, value);
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
