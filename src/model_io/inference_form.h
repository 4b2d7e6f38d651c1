// A network as those need it who only predict with it.
#pragma once

#include <optional>
#include <vector>

#include "base/shape.h"
#include "nn/network.h"

namespace mnist {

/// What an exported network makes of its input where that is not value / 255: value * factor +
/// offset; then, where `transpose` says so, rows and columns of each image change places.
struct InputAffine {
  std::vector<float> factors;  // [1], or [features] in the order of the data
  std::vector<float> offsets;  // as many
  bool transpose = false;
  Shape given;  // of the data
};

struct InferenceForm {
  Network network;
  std::optional<InputAffine> input;
};

/// A network that predicts the same but for rounding: without dropout, and with each batch
/// normalisation folded into the dense layer next to it, which gets a bias for it. Those between
/// two activations stay. How the input is scaled is folded into a dense layer that is the first.
InferenceForm inference_form(const Network& network);

}  // namespace mnist
