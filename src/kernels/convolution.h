// Convolutions of images with the channels of a pixel side by side (NHWC). Every sum is one
// sequence of fused multiply-adds in a fixed order, so its bits do not depend on how the work is
// divided:
//   an output          its bias, then over kernel row, kernel column, input channel
//   an input's delta   over kernel row, kernel column, output channel
//   a weight gradient  blocks of kImagesPerBlock images in order; within a block over image, row,
//                      column
// Padding adds zeros, which change no bit while weights are finite.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/shape.h"
#include "kernels/matrix.h"

namespace mnist::kernels {

struct ConvolutionShape {
  Shape input;
  std::size_t channels = 0;  // of the output
  std::size_t kernel = 1;    // side of the kernel
  std::size_t stride = 1;
  std::size_t padding = 0;  // pixels on every side; kernel <= input + 2 padding
  // Operations on the outputs before they are stored, in this order:
  bool relu = false;
  std::size_t pool = 1;  // side of the max pooling windows, at most kMaxPool; over 1 only with relu

  static constexpr std::size_t kMaxPool = 15;

  Shape output() const {
    return {channels, (input.height + 2 * padding - kernel) / stride + 1,
            (input.width + 2 * padding - kernel) / stride + 1};
  }
  /// The shape that is stored.
  Shape result() const {
    const Shape all = output();
    return {channels, all.height / pool, all.width / pool};
  }
  /// The inputs of one output, in the order of the sums: the rows of the weights.
  std::size_t patch() const { return kernel * kernel * input.channels; }
};

/// Which output of each pooling window is the largest: its index within the window, row by row, or
/// kNone if it is not above 0, so that no delta passes. A row per image, with
/// padded_stride(channels) bytes per pixel of the result.
struct PoolChoice {
  static constexpr std::uint8_t kNone = 255;

  std::uint8_t* data = nullptr;  // nullptr: not requested, or no pooling
  std::size_t stride = 0;

  /// Bytes per row.
  static std::size_t row_size(const ConvolutionShape& shape) {
    const Shape result = shape.result();
    return result.height * result.width * padded_stride(result.channels);
  }
  PoolChoice from_row(std::size_t row) const {
    return {data == nullptr ? nullptr : data + row * stride, stride};
  }
};

/// ∂L/∂results, and what the backward pass needs from the forward pass to get ∂L/∂outputs.
struct ConvolutionDelta {
  ConstMatrix delta;    // [images × result().size()]
  ConstMatrix results;  // [images × result().size()]; for a ReLU without pooling
  PoolChoice choice;    // for pooling
};

/// The gradients of this many images are one sequence of sums.
constexpr std::size_t kImagesPerBlock = 8;

/// results [images × result().size()] from images [images × input.size()], weights [patch ×
/// channels] and bias [channels] (nullptr: none). Writes `choice`.
void convolution_forward(const ConvolutionShape& shape, ConstMatrix images, ConstMatrix weights,
                         const float* bias, Matrix results, const PoolChoice& choice = {});

/// ∂L/∂images [images × input.size()].
void convolution_backward(const ConvolutionShape& shape, const ConvolutionDelta& delta,
                          ConstMatrix weights, Matrix input_delta);

/// A block of ∂L/∂weights: the rows of the patch from patch_begin on, and the channels from
/// channel_begin on, a multiple of kFloatsPerLine. If the block has a row after the last one of the
/// patch, that row is ∂L/∂bias.
void convolution_gradient(const ConvolutionShape& shape, ConstMatrix images,
                          const ConvolutionDelta& delta, std::size_t patch_begin,
                          std::size_t channel_begin, Matrix gradient);

}  // namespace mnist::kernels
