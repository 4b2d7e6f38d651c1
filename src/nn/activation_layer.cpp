#include "nn/activation_layer.h"

namespace mnist {

void ActivationLayer::forward(Worker&, const LayerPass& pass) const {
  const Range& rows = pass.rows;
  kernels::activation_forward(activation_, pass.input.row_range(rows.begin, rows.end),
                              pass.output.row_range(rows.begin, rows.end));
}

void ActivationLayer::backward(Worker&, const LayerPass& pass) const {
  if (pass.input_delta.data == nullptr) return;
  const Range& rows = pass.rows;
  kernels::activation_backward(activation_, pass.input.row_range(rows.begin, rows.end),
                               pass.output.row_range(rows.begin, rows.end),
                               pass.output_delta.row_range(rows.begin, rows.end),
                               pass.input_delta.row_range(rows.begin, rows.end));
}

}  // namespace mnist
