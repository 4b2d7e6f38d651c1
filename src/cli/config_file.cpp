#include "cli/config_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "base/error.h"
#include "base/parse.h"
#include "base/text.h"
#include "cli/data_paths.h"
#include "cli/flags.h"
#include "cli/output.h"

namespace mnist {
namespace {

std::string name_of(const CLI::Option& option) { return option.get_lnames().front(); }

// The settings of a command that a config file may contain.
std::vector<Setting> settings_of(const CLI::App& command) {
  const std::vector<Setting> training = list_settings({});
  std::vector<Setting> settings;
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_configurable() || option->get_lnames().empty()) continue;
    Setting setting;
    setting.name = name_of(*option);
    const auto same = std::find_if(training.begin(), training.end(),
                                   [&](const Setting& one) { return one.name == setting.name; });
    if (same != training.end()) setting.depends_on = same->depends_on;
    for (const CLI::Option* other : option->get_excludes()) {
      setting.excludes.push_back(name_of(*other));
    }
    settings.push_back(std::move(setting));
  }
  return settings;
}

void set_option(CLI::Option& option, const std::string& value) {
  if (option.get_expected_max() == 0) parse_switch(value);
  try {
    option.add_result(value);
    option.run_callback();
  } catch (const CLI::ParseError& error) {
    const std::string message = error.what();
    const std::string prefix = fmt::format("--{}: ", name_of(option));
    refuse(message.starts_with(prefix) ? message.substr(prefix.size()) : message);
  }
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

std::optional<ConfigFile> read_given_config(const ConfigFlags& flags) {
  if (flags.preset.empty() && flags.config.empty()) return std::nullopt;
  return read_config_file(flags.preset.empty() ? flags.config : find_preset(flags.preset));
}

void apply_config_file(CLI::App& command, const ConfigFile& file,
                       const std::set<std::string>& replaced) {
  GivenValues given;
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() > 0 && !option->get_lnames().empty()) {
      given[name_of(*option)] = option->results().back();
    }
  }
  for (const std::string& name : replaced) given[name] = std::nullopt;
  apply_config(file, settings_of(command), given,
               [&](const std::string& name, const std::string& value) {
                 set_option(*command.get_option("--" + name), value);
               });
  for (const std::string& note : file.notes) tell(note);
}

}  // namespace mnist
