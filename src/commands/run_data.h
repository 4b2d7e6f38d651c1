// Loads the data of a run.
#pragma once

#include <functional>
#include <string>

#include "data/data_file.h"
#include "train/run_training.h"
#include "train/train_settings.h"

namespace mnist {

/// The options for reading data that follow from the settings.
DataFileOptions data_options(const TrainSettings& settings);

/// Loads the training data, splits them into training and validation rows, loads the test data, if
/// any, and prepares all for the network. Calls `say` with a line about each file, and with
/// warnings.
RunData load_run_data(const TrainSettings& settings,
                      const std::function<void(const std::string&)>& say);

}  // namespace mnist
