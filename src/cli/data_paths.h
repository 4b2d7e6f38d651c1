// Finds the data sets, presets and networks that come with the program.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "train/train_settings.h"

namespace mnist {

/// Returns `path` itself unless it is a default data file. Those are searched in the working
/// directory's `data`, in this installation and in the source tree.
std::filesystem::path find_data_file(const std::filesystem::path& path);

/// The config file of a preset. Throws Error(kUsage), which lists the presets, for an unknown name.
std::filesystem::path find_preset(const std::string& name);

/// The names of all presets, sorted.
std::vector<std::string> preset_names();

/// The network to use if the user names none. The program's own one, even if a file of that name
/// exists.
inline constexpr const char* kDefaultNetwork = "digits";

/// The weights file of a trained network that comes with the program; nothing for an unknown name.
std::optional<std::filesystem::path> find_network(const std::string& name);

/// The weights file of the default network. Throws Error(kBadInput) if it is not installed.
std::filesystem::path default_network();

/// The names of all networks that come with the program, sorted.
std::vector<std::string> network_names();

}  // namespace mnist
