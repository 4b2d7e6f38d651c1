// Loads what the settings of a run name as its data.
#pragma once

#include <functional>
#include <string>

#include "data/data_file.h"
#include "train/run_training.h"
#include "train/train_settings.h"

namespace mnist {

/// How the settings have data read.
DataFileOptions data_options(const TrainSettings& settings);

/// The training data, split, and the test data where the settings name any, as the network takes
/// them; `say` is told of each.
RunData load_run_data(const TrainSettings& settings,
                      const std::function<void(const std::string&)>& say);

}  // namespace mnist
