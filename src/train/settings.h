// The settings of training in one list: names, kinds, defaults and meaning. Flags, config files,
// --help, the manual page, completion and the space of a sweep are made of it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "train/train_settings.h"

namespace mnist {

/// What there is to know about a setting.
struct Setting {
  std::string name;        // of its flag, and its key in a config file
  std::string group;       // heading of --help that it stands under
  std::string type;        // "N", "X", "FILE", "LIST", "adam|sgd"; none for a switch
  std::string help;        // with the default at its end
  std::string depends_on;  // another value of that setting gives this one another default
  std::vector<std::string> excludes;  // what cannot be given beside it
  bool once = false;                  // given twice, it is refused; of others the last one counts
};

/// The settings of `mnist train` where nothing is given.
TrainSettings default_settings();

/// All of them, in the order of --help.
std::vector<Setting> list_settings(const TrainSettings& defaults);

/// The setting whose value decides the default of this one; "" for most.
std::string owner_of(const std::string& name);

/// Gives a setting the value of a text. Throws Error(kUsage) for a text that is no such value.
void set_setting(TrainSettings& settings, const std::string& name, const std::string& text);

/// Throws Error(kUsage) unless the shape and the scale of the data are such.
void check_data_form(const TrainSettings& settings);

/// Fills in what follows from the other settings: the optimizer's defaults, the number of steps.
/// Throws Error(kUsage) for values out of range and for a pair that contradicts itself.
void complete_settings(TrainSettings& settings);

/// Every setting in force, by name and in the order of --help. Paths are absolute but for the
/// default data, which may lie elsewhere on another machine.
nlohmann::ordered_json settings_json(const TrainSettings& settings);

/// The settings in force where nothing is given but the optimizer and the schedule of `settings`,
/// which bring others with them.
nlohmann::ordered_json default_settings_json(const TrainSettings& settings);

}  // namespace mnist
