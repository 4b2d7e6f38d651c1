// ONNX: a network as a graph of standard operators. https://onnx.ai/onnx/intro/concepts.html
#pragma once

#include <string>

#include "nn/network.h"

namespace mnist {

/// The bytes of a model (operator set 13). Its input `pixels` has the shape (batch, features),
/// floats from 0 to 255; its output `probabilities` has the shape (batch, classes). The
/// initializers have the names of the tensors in a weights file of inference_form(network); the
/// metadata entry `layers` is the layer list of that form. Throws Error(kUsage) if the weights are
/// too large for an ONNX file.
std::string to_onnx(const Network& network);

}  // namespace mnist
