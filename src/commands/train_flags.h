// The flags that make up the settings of a training run, and the settings as a config file.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/config_file.h"
#include "cli/flags.h"
#include "train/train_settings.h"

namespace mnist {

/// Adds a flag for each setting to a command; parsing sets `settings`, which must outlive it.
void add_train_flags(CLI::App& command, TrainSettings& settings);

/// Adds the flags that tell how images are distorted, as they are among those of training.
void add_distortion_flags(FlagAdder& adder, AugmentSettings& settings);

/// Which keys of a config file belong to an optimizer or schedule, see apply_config_file.
const DependentKeys& dependent_train_keys();

/// Fills in what follows from the other settings: the optimizer's defaults, the number of steps.
/// Throws Error(kUsage) for values out of range and for a pair that contradicts itself.
void complete_settings(TrainSettings& settings);

/// Every setting in force, by the name of its flag and in the order of --help. Paths are absolute
/// but for the default data, which may lie elsewhere on another machine.
nlohmann::ordered_json settings_json(const TrainSettings& settings);

/// The settings in force where nothing is given but the optimizer and the schedule of `settings`,
/// which bring others with them.
nlohmann::ordered_json default_settings_json(const TrainSettings& settings);

/// The settings of a run, which its config.toml holds. Throws Error(kBadInput) as apply_config_file
/// does.
TrainSettings read_settings(const std::filesystem::path& config);

/// The settings as a config file.
std::string settings_toml(const TrainSettings& settings);

}  // namespace mnist
