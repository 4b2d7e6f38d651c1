// The numbers that a layer holds, as training and as files see them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/aligned_vector.h"
#include "kernels/matrix.h"

namespace mnist {

/// A layer's trainable numbers: a matrix with rows padded to cache lines; the padding is and stays
/// zero, so that an optimizer may run over `values` from end to end.
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

/// One parameter tensor under the name and in the shape that torch.nn.Sequential gives it:
/// "0.weight" of shape (out, in) or (out, in, height, width), "0.bias" of shape (out).
struct NamedParameter {
  std::string name;
  std::vector<std::size_t> shape;
  std::vector<float> values;  // row-major
};

/// The weights of a layer's units, each of which sums weighted inputs: what initialising draws and
/// what a limit on their norm concerns.
struct UnitWeights {
  Matrix matrix;            // [fan in × units], a column per unit; no bias
  std::size_t fan_out = 0;  // weighted sums that one input goes into, as PyTorch counts them
};

}  // namespace mnist
