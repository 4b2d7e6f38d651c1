// The form of a network for prediction only.
#pragma once

#include <optional>
#include <vector>

#include "base/shape.h"
#include "nn/network.h"

namespace mnist {

/// The preparation of an exported network's input if it is not just value / 255: value * factor +
/// offset, then, with `transpose`, the transposition of each image.
struct InputAffine {
  std::vector<float> factors;  // [1], or [features] in the order of the data
  std::vector<float> offsets;  // of the same size
  bool transpose = false;
  Shape given;  // the shape of an image in the data
};

struct InferenceForm {
  Network network;
  std::optional<InputAffine> input;
};

/// A network with the same predictions, up to rounding. It has no dropout, and each batch
/// normalisation is folded into the dense or convolutional layer next to it, which gets a bias for
/// it; one between two activations stays. The preparation of the input is folded into the first
/// layer if that is dense; otherwise it is returned as `input`.
InferenceForm inference_form(const Network& network);

}  // namespace mnist
