// Pooling of images with the channels of a pixel side by side. Windows do not overlap; remaining
// pixels at the right and the bottom belong to no window.
#pragma once

#include <cstddef>

#include "base/shape.h"
#include "kernels/matrix.h"

namespace mnist::kernels {

struct PoolingShape {
  Shape input;
  std::size_t height = 1;  // of a window
  std::size_t width = 1;

  Shape output() const { return {input.channels, input.height / height, input.width / width}; }
};

/// outputs [images × output.size()] from images [images × input.size()]: the maximum of each
/// window; if it contains NaN, the last NaN, like torch.nn.MaxPool2d.
void max_pool_forward(const PoolingShape& shape, ConstMatrix images, Matrix outputs);

/// ∂L/∂images from ∂L/∂outputs: the delta goes to the first pixel of the window, row by row, that
/// equals the maximum.
void max_pool_backward(const PoolingShape& shape, ConstMatrix images, ConstMatrix outputs,
                       ConstMatrix output_delta, Matrix input_delta);

/// The mean of each window, summed row by row.
void average_pool_forward(const PoolingShape& shape, ConstMatrix images, Matrix outputs);
void average_pool_backward(const PoolingShape& shape, ConstMatrix output_delta, Matrix input_delta);

}  // namespace mnist::kernels
