// A network's ModelInput as the metadata of its weights file.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "data/model_input.h"

namespace mnist {

using Metadata = std::map<std::string, std::string>;

/// Adds the keys `mnist_format`, `input_shape`, `input_scale` (with `input_mean`, `input_deviation`
/// of each feature where it is standard), `input_invert`, `input_transpose`, `input_highest`,
/// `input_mean_value`, `input_ground`, `input_pictures` and `labels` (JSON), each where it is not
/// the default.
void put_model_input(const ModelInput& input, Metadata& metadata);

/// What is missing is as in a file of version 1.0. Throws Error(kBadInput) naming the key where a
/// value does not fit a network of so many inputs and outputs.
ModelInput read_model_input(const Metadata& metadata, std::size_t inputs, std::size_t outputs);

}  // namespace mnist
