#include "nn/dense_layer.h"

#include <algorithm>

#include "kernels/matmul.h"
#include "kernels/pixel_matmul.h"

namespace mnist {

using kernels::matmul;
using kernels::Op;

DenseLayer::DenseLayer(std::size_t inputs, std::size_t outputs, bool bias)
    : inputs_(inputs), parameter_(inputs + (bias ? 1 : 0), outputs) {}

void DenseLayer::forward(Worker& worker, ConstMatrix input, Matrix output) const {
  const Range rows = row_share(worker, input.rows);
  matmul(Op::kPlain, input.row_range(rows.begin, rows.end), Op::kPlain, weights(), bias(),
         output.row_range(rows.begin, rows.end));
}

void DenseLayer::backward(Worker& worker, ConstMatrix, ConstMatrix, ConstMatrix output_delta,
                          Matrix input_delta) const {
  if (input_delta.data == nullptr) return;
  const Range rows = row_share(worker, output_delta.rows);
  matmul(Op::kPlain, output_delta.row_range(rows.begin, rows.end), Op::kTransposed, weights(),
         nullptr, input_delta.row_range(rows.begin, rows.end));
}

void DenseLayer::gradient(Range range, ConstMatrix input, ConstMatrix output_delta,
                          Matrix gradient) const {
  const std::size_t weights_end = std::min(range.end, inputs_);
  if (range.begin < weights_end) {
    matmul(Op::kTransposed, input.column_range(range.begin, weights_end), Op::kPlain, output_delta,
           nullptr, gradient.row_range(0, weights_end - range.begin));
    for (std::size_t r = 0; r < weights_end - range.begin; ++r) {
      std::fill(gradient.row(r) + gradient.columns, gradient.row(r) + gradient.stride, 0.0F);
    }
  }
  bias_gradient(range, output_delta, gradient);
}

void DenseLayer::bias_gradient(Range range, ConstMatrix output_delta, Matrix gradient) const {
  if (range.end <= inputs_) return;
  float* sums = gradient.row(inputs_ - range.begin);
  std::fill_n(sums, gradient.stride, 0.0F);
  for (std::size_t r = 0; r < output_delta.rows; ++r) {
    const float* delta = output_delta.row(r);
    for (std::size_t c = 0; c < output_delta.columns; ++c) sums[c] += delta[c];
  }
}

void DenseLayer::forward_pixels(Worker& worker, const kernels::PixelBatch& input,
                                Matrix output) const {
  const Range rows = row_share(worker, output.rows);
  kernels::pixel_forward(input, rows.begin, weights(), bias(),
                         output.row_range(rows.begin, rows.end));
}

void DenseLayer::gradient_pixels(Range range, const kernels::PixelBatch& input,
                                 ConstMatrix output_delta, Matrix gradient) const {
  const std::size_t weights_end = std::min(range.end, inputs_);
  if (range.begin < weights_end) {
    kernels::pixel_gradient(input, range.begin, output_delta,
                            gradient.row_range(0, weights_end - range.begin));
  }
  bias_gradient(range, output_delta, gradient);
}

std::vector<NamedParameter> DenseLayer::named_parameters(const std::string& prefix) const {
  NamedParameter weight{prefix + ".weight", {outputs(), inputs_}, {}};
  weight.values.reserve(outputs() * inputs_);
  const ConstMatrix w = weights();
  for (std::size_t out = 0; out < outputs(); ++out) {
    for (std::size_t in = 0; in < inputs_; ++in) weight.values.push_back(w.row(in)[out]);
  }
  std::vector<NamedParameter> result{std::move(weight)};
  if (has_bias()) {
    result.push_back({prefix + ".bias", {outputs()}, {bias(), bias() + outputs()}});
  }
  return result;
}

void DenseLayer::set_named_parameters(const std::vector<NamedParameter>& parameters) {
  const Matrix w = weights();
  for (std::size_t out = 0; out < outputs(); ++out) {
    for (std::size_t in = 0; in < inputs_; ++in) {
      w.row(in)[out] = parameters[0].values[out * inputs_ + in];
    }
  }
  if (has_bias()) std::ranges::copy(parameters[1].values, parameter_.matrix().row(inputs_));
}

}  // namespace mnist
