// Loads what the settings of a run name as its data.
#pragma once

#include <functional>
#include <string>

#include "train/run_training.h"
#include "train/train_settings.h"

namespace mnist {

/// The training data, split, and the test data where the settings name any; `say` is told of each.
RunData load_run_data(const TrainSettings& settings,
                      const std::function<void(const std::string&)>& say);

}  // namespace mnist
