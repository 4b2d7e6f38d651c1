#include "nn/pooling_layer.h"

namespace mnist {

void PoolingLayer::forward(Worker&, const LayerPass& pass) const {
  const auto [begin, end] = pass.rows;
  const ConstMatrix input = pass.input.row_range(begin, end);
  const Matrix output = pass.output.row_range(begin, end);
  kind_ == Kind::kMax ? kernels::max_pool_forward(shape_, input, output)
                      : kernels::average_pool_forward(shape_, input, output);
}

void PoolingLayer::backward(Worker&, const LayerPass& pass) const {
  if (pass.input_delta.data == nullptr) return;
  const auto [begin, end] = pass.rows;
  const ConstMatrix delta = pass.output_delta.row_range(begin, end);
  const Matrix input_delta = pass.input_delta.row_range(begin, end);
  if (kind_ == Kind::kAverage) return kernels::average_pool_backward(shape_, delta, input_delta);
  kernels::max_pool_backward(shape_, pass.input.row_range(begin, end),
                             pass.output.row_range(begin, end), delta, input_delta);
}

}  // namespace mnist
