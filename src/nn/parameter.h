// The parameters of a layer, in memory and in files.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/aligned_vector.h"
#include "kernels/matrix.h"

namespace mnist {

/// A layer's trainable numbers: a matrix with rows padded to cache lines. The padding is always
/// zero, so that an optimizer may process the whole of `values`.
struct Parameter {
  Parameter(std::size_t row_count, std::size_t column_count)
      : rows(row_count),
        columns(column_count),
        stride(row_stride(column_count)),
        values(rows * stride) {}

  Matrix matrix() { return {values.data(), rows, columns, stride}; }
  ConstMatrix matrix() const { return {values.data(), rows, columns, stride}; }

  std::size_t rows;
  std::size_t columns;
  std::size_t stride;
  AlignedVector<float> values;
};

/// A parameter tensor with its name and shape in torch.nn.Sequential: "0.weight" of shape (out, in)
/// or (out, in, height, width), "0.bias" of shape (out).
struct NamedParameter {
  std::string name;
  std::vector<std::size_t> shape;
  std::vector<float> values;  // row-major
};

/// The weights of a layer's units, without the bias: initialisation draws them, and max-norm limits
/// them.
struct UnitWeights {
  Matrix matrix;            // [fan in × units], a column per unit
  std::size_t fan_out = 0;  // the number of sums that use an input, as PyTorch counts it
};

}  // namespace mnist
