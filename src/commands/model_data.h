// Data for a trained network: reads them and prepares them like its training data.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/flags.h"
#include "data/data_file.h"
#include "nn/network.h"
#include "train/train_settings.h"

namespace mnist {

/// The flags that say how to read data; they are settings of training with the same names.
struct DataFlags {
  TrainSettings settings;
  std::filesystem::path labels;
};
void add_data_flags(FlagAdder& add, DataFlags& flags);

/// The network of a weights file or a run, with the input scale of the flags if they give one.
/// Warns on standard error if neither the file nor the flags give one.
Network load_network(const std::string& weights_or_run, const std::string& layers,
                     const DataFlags& flags);

/// The settings of training, from a run's config.toml or from the metadata of a weights file;
/// nothing if there are none. Throws Error(kBadInput) if they are invalid.
std::optional<TrainSettings> settings_of_network(const std::filesystem::path& weights_or_run);

/// How to read data for this network; of a container, the test data.
DataFileOptions options_for(const Network& network, const DataFlags& flags);

/// Prepares raw rows for the network. With `warn`, prints a warning that names `name` if they do
/// not look like the training data.
void prepare_for(const Network& network, const DataFlags& flags, const std::string& name, bool warn,
                 Dataset& data);

/// Loads labelled data and prepares them for the network; prints how they were read.
Dataset load_for(const Network& network, const std::filesystem::path& path, const DataFlags& flags,
                 std::size_t threads);

/// The default data to measure `weights_or_run` on: the test data in its settings, whose columns
/// are added to `flags`, or MNIST's test data. Throws Error(kBadInput) for a network without test
/// data.
std::filesystem::path test_data_of(const std::filesystem::path& weights_or_run, DataFlags& flags);

}  // namespace mnist
