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

/// What is taken where no network is named, whatever else is called so.
inline constexpr const char* kDefaultNetwork = "digits";

/// The weights file of a trained network that comes with the program, by its name; nothing where
/// there is none.
std::optional<std::filesystem::path> find_network(const std::string& name);

/// That of the default network. Throws Error(kBadInput) where the installation lacks it.
std::filesystem::path default_network();

/// The names of these networks, sorted.
std::vector<std::string> network_names();

}  // namespace mnist
