// The list of all settings of training: names, types, defaults and help. Flags, config files,
// --help, the manual page, completion and the search space of a sweep are derived from it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "train/train_settings.h"

namespace mnist {

/// The description of a setting.
struct Setting {
  std::string name;        // of its flag, and its key in a config file
  std::string group;       // its heading in --help
  std::string type;        // "N", "X", "FILE", "LIST", "adam|sgd"; empty for a switch
  std::string help;        // ends with the default
  std::string depends_on;  // the setting that decides the default of this one; empty for most
  std::vector<std::string> excludes;  // settings that cannot be given together with it
  bool once = false;                  // an error if given twice; otherwise the last value counts
};

/// The settings of `mnist train` without flags.
TrainSettings default_settings();

/// All settings, in the order of --help; `defaults` gives the defaults in the help texts.
std::vector<Setting> list_settings(const TrainSettings& defaults);

/// The setting of this name; nullptr if there is none.
const Setting* find_setting(const std::vector<Setting>& known, const std::string& name);

/// The setting that decides the default of this one; "" for most.
std::string owner_of(const std::string& name);

/// Sets a setting to the value of a text. Throws Error(kUsage) for an invalid value.
void set_setting(TrainSettings& settings, const std::string& name, const std::string& text);

/// Throws Error(kUsage) if the settings' shape or input scale is invalid.
void check_data_form(const TrainSettings& settings);

/// Fills in the values that follow from other settings: the optimizer's defaults, the test data,
/// the number of steps. Throws Error(kUsage) for values out of range or settings that contradict
/// each other.
void complete_settings(TrainSettings& settings);

/// All settings that have a value, by name, in the order of --help. Paths are absolute, except
/// those of the default data, which another machine may have elsewhere.
nlohmann::ordered_json settings_json(const TrainSettings& settings);

/// The defaults for the optimizer and the schedule of `settings`, which decide other defaults.
nlohmann::ordered_json default_settings_json(const TrainSettings& settings);

}  // namespace mnist
