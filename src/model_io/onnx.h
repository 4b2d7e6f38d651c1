// ONNX: a network as a graph of standard operators. https://onnx.ai/onnx/intro/concepts.html
#pragma once

#include <string>

#include "nn/network.h"

namespace mnist {

/// The bytes of a model (operator set 13) from the input `pixels` of shape (batch, features),
/// floats from 0 to 255, to the output `probabilities` of shape (batch, classes). The initializers
/// are named as the weights file of inference_form(network) names its tensors; the metadata entry
/// `layers` holds that form's stack.
/// Throws Error(kUsage) where the weights exceed what an ONNX file can hold.
std::string to_onnx(const Network& network);

}  // namespace mnist
