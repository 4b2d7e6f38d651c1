// Where the data and the presets that come with the program lie.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "train/train_settings.h"

namespace mnist {

/// `path` as it is, but for the defaults: those are looked for in the working directory, then in
/// the data of this installation and of the source tree.
std::filesystem::path find_data_file(const std::filesystem::path& path);

/// The config file of a preset. Throws Error(kUsage) that lists the presets where there is none of
/// that name.
std::filesystem::path find_preset(const std::string& name);

/// The names of all presets, sorted.
std::vector<std::string> preset_names();

}  // namespace mnist
