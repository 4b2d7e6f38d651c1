#include "nn/dense_layer.h"

#include <algorithm>

#include "kernels/matmul.h"
#include "kernels/pixel_matmul.h"

namespace mnist {

using kernels::matmul;
using kernels::Op;

DenseLayer::DenseLayer(std::size_t inputs, std::size_t outputs, bool bias)
    : inputs_(inputs), parameter_(inputs + (bias ? 1 : 0), outputs) {}

bool DenseLayer::shares_columns(const LayerPass& pass, const Worker& worker) const {
  return pass.pixels != nullptr && parameter_.stride / kFloatsPerLine >= worker.count();
}

void DenseLayer::forward(Worker& worker, const LayerPass& pass) const {
  if (shares_columns(pass, worker)) {
    const Range columns = column_share(worker, outputs());
    kernels::pixel_forward(*pass.pixels, 0, weights().column_range(columns.begin, columns.end),
                           has_bias() ? bias() + columns.begin : nullptr,
                           pass.output.column_range(columns.begin, columns.end));
    return;
  }
  const Range rows = row_share(worker, pass.output.rows);
  const Matrix output = pass.output.row_range(rows.begin, rows.end);
  if (pass.pixels != nullptr) {
    kernels::pixel_forward(*pass.pixels, rows.begin, weights(), bias(), output);
  } else {
    matmul(Op::kPlain, pass.input.row_range(rows.begin, rows.end), Op::kPlain, weights(), bias(),
           output);
  }
}

void DenseLayer::backward(Worker& worker, const LayerPass& pass) const {
  if (pass.input_delta.data == nullptr) return;
  const Range rows = row_share(worker, pass.output.rows);
  matmul(Op::kPlain, pass.output_delta.row_range(rows.begin, rows.end), Op::kTransposed, weights(),
         nullptr, pass.input_delta.row_range(rows.begin, rows.end));
}

void DenseLayer::gradient(const Block& block, const LayerPass& pass, Matrix gradient) const {
  const auto [begin, end] = block.rows;
  const ConstMatrix delta =
      ConstMatrix(pass.output_delta).column_range(block.columns.begin, block.columns.end);
  const std::size_t padded = padded_stride(gradient.columns);
  const std::size_t weights_end = std::min(end, inputs_);
  if (begin < weights_end) {
    const Matrix of_weights = gradient.row_range(0, weights_end - begin);
    if (pass.pixels != nullptr) {
      kernels::pixel_gradient(*pass.pixels, begin, delta, of_weights);
    } else {
      matmul(Op::kTransposed, pass.input.column_range(begin, weights_end), Op::kPlain, delta,
             nullptr, of_weights);
      for (std::size_t r = 0; r < of_weights.rows; ++r) {
        std::fill(of_weights.row(r) + gradient.columns, of_weights.row(r) + padded, 0.0F);
      }
    }
  }
  if (end > inputs_) {
    float* of_bias = gradient.row(inputs_ - begin);
    std::fill_n(of_bias, padded, 0.0F);
    for (std::size_t r = 0; r < delta.rows; ++r) {
      const float* row = delta.row(r);
      for (std::size_t c = 0; c < gradient.columns; ++c) of_bias[c] += row[c];
    }
  }
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
