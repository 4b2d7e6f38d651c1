#include "nn/batch_norm_layer.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/batch_norm.h"

namespace mnist {
namespace {

constexpr float kMomentum = 0.1F;  // the batch's share in the running statistics
constexpr std::array kNames = {".weight", ".bias", ".running_mean", ".running_var"};

// The columns of a matrix's first two rows and of the parameter's.
kernels::Normalization normalization(const ConstMatrix& moments, const Parameter& parameter,
                                     std::size_t begin) {
  return {moments.row(0) + begin, moments.row(1) + begin, parameter.matrix().row(0) + begin,
          parameter.matrix().row(1) + begin};
}

}  // namespace

BatchNormLayer::BatchNormLayer(std::size_t width) : parameter_(2, width), running_(2, width) {
  std::fill_n(parameter_.matrix().row(0), width, 1.0F);
  std::fill_n(running_.matrix().row(1), width, 1.0F);
}

void BatchNormLayer::forward(Worker& worker, const LayerPass& pass) const {
  if (!pass.training) {
    const Range rows = row_share(worker, pass.input.rows);
    return kernels::batch_norm_forward(normalization(running_.matrix(), parameter_, 0),
                                       pass.input.row_range(rows.begin, rows.end),
                                       pass.output.row_range(rows.begin, rows.end));
  }
  const auto [begin, end] = column_share(worker, outputs());
  const ConstMatrix input = pass.input.column_range(begin, end);
  kernels::column_moments(input, pass.statistics.row(kMean) + begin,
                          pass.statistics.row(kVariance) + begin);
  kernels::batch_norm_forward(normalization(pass.statistics, parameter_, begin), input,
                              pass.output.column_range(begin, end));
}

void BatchNormLayer::backward(Worker& worker, const LayerPass& pass) const {
  const auto [begin, end] = column_share(worker, outputs());
  const kernels::Normalization n = normalization(pass.statistics, parameter_, begin);
  const ConstMatrix input = pass.input.column_range(begin, end);
  const ConstMatrix delta = pass.output_delta.column_range(begin, end);
  float* of_weight = pass.statistics.row(kWeightGradient) + begin;
  float* of_bias = pass.statistics.row(kBiasGradient) + begin;
  kernels::batch_norm_gradient(n, input, delta, of_weight, of_bias);
  if (pass.input_delta.data == nullptr) return;
  kernels::batch_norm_backward(n, of_weight, of_bias, input, delta,
                               pass.input_delta.column_range(begin, end));
}

void BatchNormLayer::gradient(const Block& share, const LayerPass& pass,
                              std::span<const float* const>, ZeroRows,
                              const GradientSink& sink) const {
  // The statistics are as wide as the parameter, so their rows are as far apart.
  sink(share, pass.statistics.row(kWeightGradient + share.rows.begin) + share.columns.begin);
}

void BatchNormLayer::track(const Range& columns, const LayerPass& pass) {
  const auto rows = static_cast<float>(pass.output.rows);
  const std::array<float, 2> factors{1.0F, rows / (rows - 1)};
  for (std::size_t i = 0; i < factors.size(); ++i) {
    const float* batch = pass.statistics.row(kMean + i);
    float* running = running_.matrix().row(i);
    for (std::size_t c = columns.begin; c < columns.end; ++c) {
      running[c] += kMomentum * (factors[i] * batch[c] - running[c]);
    }
  }
}

std::vector<NamedParameter> BatchNormLayer::named_parameters(const std::string& prefix) const {
  std::vector<NamedParameter> result;
  for (const Parameter* p : {&parameter_, &running_}) {
    for (std::size_t r = 0; r < p->rows; ++r) {
      const float* row = p->matrix().row(r);
      result.push_back({prefix + kNames[result.size()], {outputs()}, {row, row + outputs()}});
    }
  }
  return result;
}

void BatchNormLayer::set_named_parameters(const std::vector<NamedParameter>& parameters) {
  auto next = parameters.begin();
  for (Parameter* p : {&parameter_, &running_}) {
    for (std::size_t r = 0; r < p->rows; ++r) {
      std::ranges::copy((next++)->values, p->matrix().row(r));
    }
  }
}

BatchNormLayer::Affine BatchNormLayer::affine(std::size_t column) const {
  const auto value = [column](const Parameter& p, std::size_t row) {
    return static_cast<double>(p.matrix().row(row)[column]);
  };
  const double epsilon = kernels::kBatchNormEpsilon;
  const double factor = value(parameter_, 0) / std::sqrt(value(running_, 1) + epsilon);
  return {factor, value(parameter_, 1) - factor * value(running_, 0)};
}

}  // namespace mnist
