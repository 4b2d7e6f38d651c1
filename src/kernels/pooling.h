// Pooling of images whose pixels hold their channels side by side: windows that do not overlap;
// what is left over at the right and the bottom belongs to none.
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

/// outputs [images × output.size()] from images [images × input.size()]: the largest of a window;
/// where one is no number, as torch.nn.MaxPool2d the last such.
void max_pool_forward(const PoolingShape& shape, ConstMatrix images, Matrix outputs);

/// ∂L/∂images from ∂L/∂outputs: all of it to the first of a window's pixels, row by row, that is
/// the largest.
void max_pool_backward(const PoolingShape& shape, ConstMatrix images, ConstMatrix outputs,
                       ConstMatrix output_delta, Matrix input_delta);

/// The mean of a window, summed row by row.
void average_pool_forward(const PoolingShape& shape, ConstMatrix images, Matrix outputs);
void average_pool_backward(const PoolingShape& shape, ConstMatrix output_delta, Matrix input_delta);

}  // namespace mnist::kernels
