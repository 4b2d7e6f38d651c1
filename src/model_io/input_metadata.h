// Stores a network's ModelInput in the metadata of its weights file.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "data/model_input.h"

namespace mnist {

using Metadata = std::map<std::string, std::string>;

/// Adds the keys `mnist_format`, `input_shape`, `input_scale` (if that is standard, also
/// `input_mean` and `input_deviation` of each feature), `input_invert`, `input_transpose`,
/// `input_highest`, `input_mean_value`, `input_ground`, `input_pictures`, `labels` and
/// `input_features` (JSON). Most
/// are only written if they differ from the default.
void put_model_input(const ModelInput& input, Metadata& metadata);

/// Reads them. A missing key has the meaning that it had in version 1.0. Throws Error(kBadInput)
/// naming the key if a value does not fit a network with this number of inputs and outputs.
ModelInput read_model_input(const Metadata& metadata, std::size_t inputs, std::size_t outputs);

}  // namespace mnist
