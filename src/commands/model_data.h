// Data for a network that is trained already: how they are read, and prepared as its training data
// were.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/flags.h"
#include "data/data_file.h"
#include "nn/network.h"
#include "train/train_settings.h"

namespace mnist {

/// Flags that tell how data are to be taken; settings of training by the same names.
struct DataFlags {
  TrainSettings settings;
  std::filesystem::path labels;
};
void add_data_flags(FlagAdder& add, DataFlags& flags);

/// The network of a weights file or a run, with the scale that the flags ask for. Tells a line
/// where the file does not say how its data were scaled and the flags do not either.
Network load_network(const std::string& weights_or_run, const std::string& layers,
                     const DataFlags& flags);

/// How a network was trained: the settings of a run, or those that a weights file keeps; nothing
/// where none are told. Throws Error(kBadInput) where they make no sense.
std::optional<TrainSettings> settings_of_network(const std::filesystem::path& weights_or_run);

/// How data for that network are read; of a container those for the test.
DataFileOptions options_for(const Network& network, const DataFlags& flags);

/// Turns rows as they come into what the network takes, and tells a line where they do not look
/// like its training data. `name` is theirs.
void prepare_for(const Network& network, const DataFlags& flags, const std::string& name, bool warn,
                 Dataset& data);

/// Labelled data for the network, ready for it; tells how they were read.
Dataset load_for(const Network& network, const std::filesystem::path& path, const DataFlags& flags,
                 std::size_t threads);

/// What `weights_or_run` is measured on where no data are named: what it was tested on, read as its
/// settings say, or the MNIST of this installation. Throws Error(kBadInput) for a network without
/// test data.
std::filesystem::path test_data_of(const std::filesystem::path& weights_or_run, DataFlags& flags);

}  // namespace mnist
