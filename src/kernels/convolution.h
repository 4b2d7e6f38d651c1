// Convolutions of images whose pixels hold their channels side by side. Every sum is one chain of
// fused multiply-adds in one order, so its bits do not depend on how the work is cut:
//   an output          its bias, then over kernel row, kernel column, input channel
//   an input's delta   over kernel row, kernel column, output channel
//   a weight gradient  blocks of kImagesPerBlock images in order, each a chain over image, row,
//                      column
// What lies in the padding adds zeros, which change no bit while weights are finite.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/shape.h"
#include "kernels/matrix.h"

namespace mnist::kernels {

struct ConvolutionShape {
  Shape input;
  std::size_t channels = 0;  // of the output
  std::size_t kernel = 1;    // its side
  std::size_t stride = 1;
  std::size_t padding = 0;  // pixels on every side; kernel <= input + 2 padding
  // What is done with outputs before they are stored, in this order:
  bool relu = false;
  std::size_t pool =
      1;  // the largest of windows of so many pixels' side, up to kMaxPool; with relu

  static constexpr std::size_t kMaxPool = 15;

  Shape output() const {
    return {channels, (input.height + 2 * padding - kernel) / stride + 1,
            (input.width + 2 * padding - kernel) / stride + 1};
  }
  /// What is stored.
  Shape result() const {
    const Shape all = output();
    return {channels, all.height / pool, all.width / pool};
  }
  /// Inputs of one output, in the order of the sums: rows of the weights.
  std::size_t patch() const { return kernel * kernel * input.channels; }
};

/// Which output of a window became the result: its number row by row, or kNone where it is not
/// above 0, and no delta passes. A row per image, padded_stride(channels) bytes per pixel of the
/// result.
struct PoolChoice {
  static constexpr std::uint8_t kNone = 255;

  std::uint8_t* data = nullptr;  // nullptr: not wanted, or nothing is pooled
  std::size_t stride = 0;

  /// Bytes of a row.
  static std::size_t row_size(const ConvolutionShape& shape) {
    const Shape result = shape.result();
    return result.height * result.width * padded_stride(result.channels);
  }
  PoolChoice from_row(std::size_t row) const {
    return {data == nullptr ? nullptr : data + row * stride, stride};
  }
};

/// ∂L/∂results, and what of the forward pass leads from there to ∂L/∂outputs.
struct ConvolutionDelta {
  ConstMatrix delta;    // [images × result().size()]
  ConstMatrix results;  // [images × result().size()], for a ReLU without pooling
  PoolChoice choice;    // for pooling
};

/// Images whose gradients are one chain.
constexpr std::size_t kImagesPerBlock = 8;

/// results [images × result().size()] from images [images × input.size()], weights
/// [patch × channels] and bias [channels] (nullptr: none); `choice` is written.
void convolution_forward(const ConvolutionShape& shape, ConstMatrix images, ConstMatrix weights,
                         const float* bias, Matrix results, const PoolChoice& choice = {});

/// ∂L/∂images [images × input.size()].
void convolution_backward(const ConvolutionShape& shape, const ConvolutionDelta& delta,
                          ConstMatrix weights, Matrix input_delta);

/// ∂L/∂weights, a block of them: of the patch's inputs from patch_begin on and the channels from
/// channel_begin on, a multiple of kFloatsPerLine. The row behind the patch's last one, if the
/// block reaches it, is ∂L/∂bias.
void convolution_gradient(const ConvolutionShape& shape, ConstMatrix images,
                          const ConvolutionDelta& delta, std::size_t patch_begin,
                          std::size_t channel_begin, Matrix gradient);

}  // namespace mnist::kernels
