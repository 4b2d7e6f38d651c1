// Convolutions of images whose pixels hold their channels side by side. Every sum is one chain of
// fused multiply-adds in one order, so its bits do not depend on how the work is cut:
//   an output          its bias, then over kernel row, kernel column, input channel
//   an input's delta   over kernel row, kernel column, output channel
//   a weight gradient  blocks of kImagesPerBlock images in order, each a chain over image, row,
//                      column
// What lies in the padding adds zeros, which change no bit while weights are finite.
#pragma once

#include <cstddef>

#include "base/shape.h"
#include "kernels/matrix.h"

namespace mnist::kernels {

struct ConvolutionShape {
  Shape input;
  std::size_t channels = 0;  // of the output
  std::size_t kernel = 1;    // its side
  std::size_t stride = 1;
  std::size_t padding = 0;  // pixels on every side; kernel <= input + 2 padding

  Shape output() const {
    return {channels, (input.height + 2 * padding - kernel) / stride + 1,
            (input.width + 2 * padding - kernel) / stride + 1};
  }
  /// Inputs of one output, in the order of the sums: rows of the weights.
  std::size_t patch() const { return kernel * kernel * input.channels; }
};

/// Images whose gradients are one chain.
constexpr std::size_t kImagesPerBlock = 8;

/// outputs [images × output.size()] from images [images × input.size()], weights [patch × channels]
/// and bias [channels] (nullptr: none).
void convolution_forward(const ConvolutionShape& shape, ConstMatrix images, ConstMatrix weights,
                         const float* bias, Matrix outputs);

/// ∂L/∂images [images × input.size()] from ∂L/∂outputs.
void convolution_backward(const ConvolutionShape& shape, ConstMatrix output_delta,
                          ConstMatrix weights, Matrix input_delta);

/// ∂L/∂weights [n × channels], of the patch's inputs from patch_begin on.
void convolution_gradient(const ConvolutionShape& shape, ConstMatrix images,
                          ConstMatrix output_delta, std::size_t patch_begin, Matrix gradient);

}  // namespace mnist::kernels
