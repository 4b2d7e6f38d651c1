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

// What is known of a batch, a row each. As wide as the parameter, so that its rows are as far
// apart; the gradients lie in the order of the parameter's rows.
struct Statistics : Workspace {
  enum Row : std::size_t { kMean, kVariance, kWeightGradient, kBiasGradient, kRows };

  explicit Statistics(std::size_t width) : Workspace(RowsTouched::kAny), values(kRows, width) {}

  Parameter values;
};

Matrix statistics(const LayerPass& pass) {
  return static_cast<Statistics&>(*pass.workspace).values.matrix();
}

}  // namespace

BatchNormLayer::BatchNormLayer(const Shape& shape)
    : Layer(shape), parameter_(2, shape.size()), running_(2, shape.size()) {
  std::fill_n(parameter_.matrix().row(0), outputs(), 1.0F);
  std::fill_n(running_.matrix().row(1), outputs(), 1.0F);
}

std::unique_ptr<Workspace> BatchNormLayer::workspace(const WorkspacePlan&) const {
  return std::make_unique<Statistics>(outputs());
}

void BatchNormLayer::forward(Worker& worker, const LayerPass& pass) const {
  if (!pass.training) {
    const Range& rows = pass.rows;
    return kernels::batch_norm_forward(normalization(running_.matrix(), parameter_, 0),
                                       pass.input.row_range(rows.begin, rows.end),
                                       pass.output.row_range(rows.begin, rows.end));
  }
  const auto [begin, end] = column_share(worker, outputs());
  const ConstMatrix input = pass.input.column_range(begin, end);
  const Matrix measured = statistics(pass);
  kernels::column_moments(input, measured.row(Statistics::kMean) + begin,
                          measured.row(Statistics::kVariance) + begin);
  kernels::batch_norm_forward(normalization(measured, parameter_, begin), input,
                              pass.output.column_range(begin, end));
}

void BatchNormLayer::backward(Worker& worker, const LayerPass& pass) const {
  const auto [begin, end] = column_share(worker, outputs());
  const Matrix measured = statistics(pass);
  const kernels::Normalization n = normalization(measured, parameter_, begin);
  const ConstMatrix input = pass.input.column_range(begin, end);
  const ConstMatrix delta = pass.output_delta.column_range(begin, end);
  float* of_weight = measured.row(Statistics::kWeightGradient) + begin;
  float* of_bias = measured.row(Statistics::kBiasGradient) + begin;
  kernels::batch_norm_gradient(n, input, delta, of_weight, of_bias);
  if (pass.input_delta.data == nullptr) return;
  kernels::batch_norm_backward(n, of_weight, of_bias, input, delta,
                               pass.input_delta.column_range(begin, end));
}

void BatchNormLayer::gradient(const Block& share, const LayerPass& pass,
                              std::span<const float* const>, ZeroRows,
                              const GradientSink& sink) const {
  const Matrix gradients =
      statistics(pass).row_range(Statistics::kWeightGradient, Statistics::kRows);
  sink(share, gradients.row(share.rows.begin) + share.columns.begin);
}

void BatchNormLayer::track(const Range& columns, const LayerPass& pass) {
  const auto rows = static_cast<float>(pass.output.rows);
  const std::array<float, 2> factors{1.0F, rows / (rows - 1)};
  for (std::size_t i = 0; i < factors.size(); ++i) {
    const float* batch = statistics(pass).row(Statistics::kMean + i);
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

Affine batch_norm_affine(const std::vector<NamedParameter>& parameters, std::size_t c) {
  const auto value = [&](std::size_t tensor) {
    return static_cast<double>(parameters[tensor].values[c]);
  };
  const double epsilon = kernels::kBatchNormEpsilon;
  const double factor = value(0) / std::sqrt(value(3) + epsilon);
  return {factor, value(1) - factor * value(2)};
}

}  // namespace mnist
