#include "nn/activation_layer.h"

namespace mnist {

void ActivationLayer::forward(Worker& worker, ConstMatrix input, Matrix output) const {
  const Range rows = row_share(worker, input.rows);
  kernels::activation_forward(activation_, input.row_range(rows.begin, rows.end),
                              output.row_range(rows.begin, rows.end));
}

void ActivationLayer::backward(Worker& worker, ConstMatrix input, ConstMatrix output,
                               ConstMatrix output_delta, Matrix input_delta) const {
  if (input_delta.data == nullptr) return;
  const Range rows = row_share(worker, input.rows);
  kernels::activation_backward(
      activation_, input.row_range(rows.begin, rows.end), output.row_range(rows.begin, rows.end),
      output_delta.row_range(rows.begin, rows.end), input_delta.row_range(rows.begin, rows.end));
}

}  // namespace mnist
