// Where the data and the presets that come with the program lie.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mnist {

/// What stands for MNIST itself, wherever it lies.
inline constexpr const char* kDefaultTrainData = "data/mnist_train.csv.zst";
inline constexpr const char* kDefaultTestData = "data/mnist_test.csv.zst";

/// Whether `path` is one of those two.
bool is_default_data(const std::filesystem::path& path);

/// `path` as it is, but for the defaults: those are looked for in the working directory, then in
/// the data of this installation and of the source tree.
std::filesystem::path find_data_file(const std::filesystem::path& path);

/// The config file of a preset. Throws Error(kUsage) that lists the presets where there is none of
/// that name.
std::filesystem::path find_preset(const std::string& name);

/// The names of all presets, sorted.
std::vector<std::string> preset_names();

}  // namespace mnist
