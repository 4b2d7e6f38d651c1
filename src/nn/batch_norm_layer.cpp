#include "nn/batch_norm_layer.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/batch_norm.h"
#include "kernels/channel_sums.h"

namespace mnist {
namespace {

constexpr float kMomentum = 0.1F;  // the weight of the batch in the running statistics
constexpr std::array kNames = {".weight", ".bias", ".running_mean", ".running_var"};

// Mean and variance from the first two rows of `moments`, weight and bias from the parameter, for
// the columns from `begin` on.
kernels::Normalization normalization(const ConstMatrix& moments, const Parameter& parameter,
                                     std::size_t begin) {
  return {moments.row(0) + begin, moments.row(1) + begin, parameter.matrix().row(0) + begin,
          parameter.matrix().row(1) + begin};
}

// Statistics of a batch, one row each. The width equals the parameter's, so that the rows have the
// same stride; the gradients are in the order of the parameter's rows.
struct Statistics : Workspace {
  enum Row : std::size_t { kMean, kVariance, kWeightGradient, kBiasGradient, kRows };

  explicit Statistics(std::size_t width) : Workspace(RowsTouched::kAny), values(kRows, width) {}

  Parameter values;
};

// Calls visit(part); part(m) is the part of matrix m with these rows and channels, a matrix with a
// column per channel. Without planes that is one part; with planes, one part per image with a row
// per pixel.
template <class Visit>
void for_each_part(bool planes, std::size_t width, const Range& rows, const Range& channels,
                   const Visit& visit) {
  if (!planes) {
    return visit([&](auto m) {
      return m.row_range(rows.begin, rows.end).column_range(channels.begin, channels.end);
    });
  }
  for (std::size_t r = rows.begin; r < rows.end; ++r) {
    visit([&](auto m) {
      return decltype(m){m.row(r) + channels.begin, m.columns / width, channels.size(), width};
    });
  }
}

Matrix statistics(const LayerPass& pass) {
  return static_cast<Statistics&>(*pass.workspace).values.matrix();
}

}  // namespace

BatchNormLayer::BatchNormLayer(const Shape& shape)
    : Layer(shape), parameter_(2, shape.channels), running_(2, shape.channels) {
  std::fill_n(parameter_.matrix().row(0), shape.channels, 1.0F);
  std::fill_n(running_.matrix().row(1), shape.channels, 1.0F);
}

std::unique_ptr<Workspace> BatchNormLayer::workspace(const WorkspacePlan&) const {
  return std::make_unique<Statistics>(parameter_.columns);
}

void BatchNormLayer::measure(const LayerPass& pass, const Range& channels) const {
  const Matrix measured = statistics(pass);
  float* mean = measured.row(Statistics::kMean) + channels.begin;
  float* variance = measured.row(Statistics::kVariance) + channels.begin;
  if (!has_planes()) {
    return kernels::column_moments(pass.input.column_range(channels.begin, channels.end), mean,
                                   variance);
  }
  const kernels::Channels of_pixel{parameter_.columns, channels.begin, channels.end};
  const float share = 1.0F / static_cast<float>(values_per_channel(pass.input.rows));
  kernels::channel_sums(pass.input, of_pixel, mean);
  for (std::size_t c = 0; c < channels.size(); ++c) mean[c] *= share;
  kernels::channel_square_sums(pass.input, of_pixel, mean, variance);
  for (std::size_t c = 0; c < channels.size(); ++c) variance[c] *= share;
}

void BatchNormLayer::measure_gradient(const LayerPass& pass, const Range& channels) const {
  const Matrix measured = statistics(pass);
  float* of_weight = measured.row(Statistics::kWeightGradient) + channels.begin;
  float* of_bias = measured.row(Statistics::kBiasGradient) + channels.begin;
  if (!has_planes()) {
    return kernels::batch_norm_gradient(
        normalization(measured, parameter_, channels.begin),
        pass.input.column_range(channels.begin, channels.end),
        pass.output_delta.column_range(channels.begin, channels.end), of_weight, of_bias);
  }
  const kernels::Channels of_pixel{parameter_.columns, channels.begin, channels.end};
  const float* mean = measured.row(Statistics::kMean) + channels.begin;
  const float* variance = measured.row(Statistics::kVariance) + channels.begin;
  kernels::channel_sums(pass.output_delta, of_pixel, of_bias);
  kernels::channel_product_sums(pass.input, of_pixel, mean, pass.output_delta, of_weight);
  for (std::size_t c = 0; c < channels.size(); ++c) {
    of_weight[c] *= 1.0F / std::sqrt(variance[c] + kernels::kBatchNormEpsilon);
  }
}

void BatchNormLayer::forward(Worker& worker, const LayerPass& pass) const {
  const std::size_t width = parameter_.columns;
  if (!pass.training) {
    const kernels::Normalization running = normalization(running_.matrix(), parameter_, 0);
    for_each_part(has_planes(), width, pass.rows, {0, width}, [&](const auto& part) {
      kernels::batch_norm_forward(running, part(pass.input), part(pass.output));
    });
    return;
  }
  const Range channels = column_share(worker, width);
  if (channels.empty()) return;
  measure(pass, channels);
  const kernels::Normalization n = normalization(statistics(pass), parameter_, channels.begin);
  for_each_part(has_planes(), width, {0, pass.input.rows}, channels, [&](const auto& part) {
    kernels::batch_norm_forward(n, part(pass.input), part(pass.output));
  });
}

void BatchNormLayer::backward(Worker& worker, const LayerPass& pass) const {
  const Range channels = column_share(worker, parameter_.columns);
  if (channels.empty()) return;
  measure_gradient(pass, channels);
  if (pass.input_delta.data == nullptr) return;
  const Matrix measured = statistics(pass);
  const kernels::Normalization n = normalization(measured, parameter_, channels.begin);
  const std::size_t rows = pass.input.rows;
  for_each_part(has_planes(), parameter_.columns, {0, rows}, channels, [&](const auto& part) {
    kernels::batch_norm_backward(n, measured.row(Statistics::kWeightGradient) + channels.begin,
                                 measured.row(Statistics::kBiasGradient) + channels.begin,
                                 values_per_channel(rows), part(pass.input),
                                 part(pass.output_delta), part(pass.input_delta));
  });
}

void BatchNormLayer::gradient(const Block& share, const LayerPass& pass,
                              std::span<const float* const>, ZeroRows,
                              const GradientSink& sink) const {
  const Matrix gradients =
      statistics(pass).row_range(Statistics::kWeightGradient, Statistics::kRows);
  sink(share, gradients.row(share.rows.begin) + share.columns.begin);
}

void BatchNormLayer::track(const Range& columns, const LayerPass& pass) {
  const auto values = static_cast<float>(values_per_channel(pass.output.rows));
  const std::array<float, 2> factors{1.0F, values / (values - 1)};
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
      result.push_back({prefix + kNames[result.size()], {p->columns}, {row, row + p->columns}});
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
