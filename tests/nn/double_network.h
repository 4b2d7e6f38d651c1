// The network once more, in double and in plain loops: the twin that gradients are checked on.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "nn/loss.h"
#include "nn/network.h"

namespace mnist::testing {

using Vector = std::vector<double>;
using Rows = std::vector<Vector>;

class DoubleNetwork {
 public:
  /// A twin of `network` with the same parameters.
  explicit DoubleNetwork(const Network& network, const LossSettings& loss)
      : layers_(network.layers()), loss_(loss) {
    for (const NamedParameter& p : network.parameters()) {
      parameters_.emplace_back(p.values.begin(), p.values.end());
    }
    has_bias_ = network.has_bias();
  }

  /// The parameters in the order and shapes of Network::parameters().
  std::vector<Vector>& parameters() { return parameters_; }

  /// What the dropout layer at that position of the stack multiplies its input by.
  void set_mask(std::size_t position, Rows mask) { masks_[position] = std::move(mask); }

  /// Whether batch normalisation uses its running statistics instead of the batch's.
  void predict_only(bool yes) { predicts_ = yes; }

  /// What batch normalisation i makes of its running statistics, mean and variance, when it is
  /// trained on these rows.
  std::array<Vector, 2> tracked(std::size_t i, const Rows& rows) const {
    const Rows input = activations(rows)[i];
    std::size_t tensor = 0;
    for (std::size_t below = 0; below < i; ++below) tensor += tensors_of(below);
    std::array<Vector, 2> running{parameters_[tensor + 2], parameters_[tensor + 3]};
    const auto n = static_cast<double>(rows.size());
    for (std::size_t j = 0; j < running[0].size(); ++j) {
      const auto [mean, variance] = moments(input, j);
      running[0][j] = 0.9 * running[0][j] + 0.1 * mean;
      running[1][j] = 0.9 * running[1][j] + 0.1 * variance * n / (n - 1);
    }
    return running;
  }

  /// The mean loss over the rows.
  double loss(const Rows& rows, const std::vector<std::int32_t>& labels) const {
    const Rows z = activations(rows).back();
    double sum = 0;
    for (std::size_t r = 0; r < z.size(); ++r) sum += row_loss(z[r], labels[r]);
    return sum / static_cast<double>(rows.size());
  }

  /// Its gradient by backpropagation, in the shapes of parameters().
  std::vector<Vector> gradient(const Rows& rows, const std::vector<std::int32_t>& labels) const {
    std::vector<Vector> gradients;
    for (const Vector& p : parameters_) gradients.emplace_back(p.size(), 0.0);
    const std::vector<Rows> a = activations(rows);
    Rows delta;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      delta.push_back(output_delta(a.back()[r], labels[r]));
      for (double& x : delta.back()) x /= static_cast<double>(rows.size());
    }
    std::size_t tensor = parameters_.size();
    for (std::size_t i = layers_.layers.size() - 1; i-- > 0;) {
      tensor -= tensors_of(i);
      delta = backward(i, tensor, a[i], delta, gradients);
    }
    return gradients;
  }

  /// A row's for each row.
  Rows probabilities(const Rows& rows) const {
    Rows p = activations(rows).back();
    for (Vector& row : p) row = output(row);
    return p;
  }

 private:
  // The number of tensors that layer i has in parameters_.
  std::size_t tensors_of(std::size_t i) const {
    if (layers_.layers[i].kind == LayerKind::kBatchNorm) return 4;
    if (layers_.layers[i].kind != LayerKind::kDense) return 0;
    return has_bias_ ? 2 : 1;
  }

  // The input of each layer and, last, the values under the output activation.
  std::vector<Rows> activations(const Rows& rows) const {
    std::vector<Rows> all{rows};
    std::size_t tensor = 0;
    for (std::size_t i = 0; i + 1 < layers_.layers.size(); ++i) {
      all.push_back(forward(i, tensor, all.back()));
      tensor += tensors_of(i);
    }
    return all;
  }

  // What layer i, whose parameters begin at `tensor`, makes of its input.
  Rows forward(std::size_t i, std::size_t tensor, const Rows& input) const {
    const LayerSpec& layer = layers_.layers[i];
    if (layer.kind == LayerKind::kBatchNorm) return normalize(tensor, input);
    Rows output = input;
    for (std::size_t r = 0; r < input.size(); ++r) {
      const Vector& a = input[r];
      Vector& z = output[r];
      if (layer.kind == LayerKind::kDense) {
        z.assign(layer.width, 0.0);
        for (std::size_t out = 0; out < layer.width; ++out) {
          if (has_bias_) z[out] = parameters_[tensor + 1][out];
          for (std::size_t in = 0; in < a.size(); ++in) {
            z[out] += parameters_[tensor][out * a.size() + in] * a[in];
          }
        }
        continue;
      }
      for (std::size_t j = 0; j < a.size(); ++j) {
        z[j] = layer.kind == LayerKind::kDropout ? masks_.at(i)[r][j] * a[j]
                                                 : activate(layer.kind, a[j]);
      }
    }
    return output;
  }

  // ∂L/∂input from `delta`, ∂L/∂output. Adds to the gradients of the layer's parameters.
  Rows backward(std::size_t i, std::size_t tensor, const Rows& input, const Rows& delta,
                std::vector<Vector>& gradients) const {
    const LayerSpec& layer = layers_.layers[i];
    if (layer.kind == LayerKind::kBatchNorm) {
      return backward_of_norm(tensor, input, delta, gradients);
    }
    Rows below;
    for (std::size_t r = 0; r < input.size(); ++r) {
      const Vector& a = input[r];
      below.emplace_back(a.size(), 0.0);
      if (layer.kind == LayerKind::kDense) {
        for (std::size_t out = 0; out < layer.width; ++out) {
          if (has_bias_) gradients[tensor + 1][out] += delta[r][out];
          for (std::size_t j = 0; j < a.size(); ++j) {
            gradients[tensor][out * a.size() + j] += delta[r][out] * a[j];
            below[r][j] += parameters_[tensor][out * a.size() + j] * delta[r][out];
          }
        }
        continue;
      }
      for (std::size_t j = 0; j < a.size(); ++j) {
        below[r][j] =
            delta[r][j] *
            (layer.kind == LayerKind::kDropout ? masks_.at(i)[r][j] : derivative(layer.kind, a[j]));
      }
    }
    return below;
  }

  struct Moments {
    double mean = 0, variance = 0;  // the biased one
  };
  static Moments moments(const Rows& rows, std::size_t j) {
    Moments m;
    for (const Vector& row : rows) m.mean += row[j] / static_cast<double>(rows.size());
    for (const Vector& row : rows) {
      m.variance += (row[j] - m.mean) * (row[j] - m.mean) / static_cast<double>(rows.size());
    }
    return m;
  }
  // What normalises column j of a batch normalisation whose parameters begin at `tensor`.
  Moments moments_for(std::size_t tensor, const Rows& input, std::size_t j) const {
    if (predicts_) return {parameters_[tensor + 2][j], parameters_[tensor + 3][j]};
    return moments(input, j);
  }

  Rows normalize(std::size_t tensor, const Rows& input) const {
    Rows output = input;
    for (std::size_t j = 0; j < input[0].size(); ++j) {
      const auto [mean, variance] = moments_for(tensor, input, j);
      for (Vector& row : output) {
        row[j] = (row[j] - mean) / std::sqrt(variance + 1e-5) * parameters_[tensor][j] +
                 parameters_[tensor + 1][j];
      }
    }
    return output;
  }

  // Ioffe and Szegedy 2015, section 3.
  Rows backward_of_norm(std::size_t tensor, const Rows& input, const Rows& delta,
                        std::vector<Vector>& gradients) const {
    const auto n = static_cast<double>(input.size());
    Rows below = delta;
    for (std::size_t j = 0; j < input[0].size(); ++j) {
      const auto [mean, variance] = moments_for(tensor, input, j);
      const double deviation = std::sqrt(variance + 1e-5);
      double of_mean = 0;
      double of_variance = 0;
      for (std::size_t r = 0; r < input.size(); ++r) {
        const double centred = input[r][j] - mean;
        gradients[tensor][j] += delta[r][j] * centred / deviation;
        gradients[tensor + 1][j] += delta[r][j];
        below[r][j] = delta[r][j] * parameters_[tensor][j] / deviation;
        of_mean -= below[r][j];
        of_variance -= below[r][j] * centred / (2 * deviation * deviation);
      }
      if (predicts_) {  // the running statistics are no function of the input, but parameters here
        gradients[tensor + 2][j] += of_mean;
        gradients[tensor + 3][j] += of_variance;
        continue;
      }
      for (std::size_t r = 0; r < input.size(); ++r) {
        below[r][j] += of_mean / n + 2 * of_variance * (input[r][j] - mean) / n;
      }
    }
    return below;
  }

  static double activate(LayerKind kind, double x) {
    switch (kind) {
      case LayerKind::kRelu:
        return x > 0 ? x : 0;
      case LayerKind::kLeakyRelu:
        return x > 0 ? x : 0.01 * x;
      case LayerKind::kSigmoid:
        return 1 / (1 + std::exp(-x));
      case LayerKind::kTanh:
        return std::tanh(x);
      default:
        return x * 0.5 * std::erfc(-x / std::sqrt(2.0));  // gelu
    }
  }

  static double derivative(LayerKind kind, double x) {
    const double a = activate(kind, x);
    switch (kind) {
      case LayerKind::kRelu:
        return x > 0 ? 1 : 0;
      case LayerKind::kLeakyRelu:
        return x > 0 ? 1 : 0.01;
      case LayerKind::kSigmoid:
        return a * (1 - a);
      case LayerKind::kTanh:
        return 1 - a * a;
      default:
        return 0.5 * std::erfc(-x / std::sqrt(2.0)) +
               x * std::exp(-x * x / 2) / std::sqrt(2 * 3.14159265358979323846);
    }
  }

  Vector output(const Vector& z) const {
    Vector p;
    const LayerKind kind = layers_.layers.back().kind;
    double sum = kind == LayerKind::kArticleSoftmax ? 1e-3 : 0;
    for (const double x : z) {
      p.push_back(kind == LayerKind::kSigmoid          ? activate(kind, x)
                  : kind == LayerKind::kArticleSoftmax ? std::exp(std::clamp(x, -5.0, 5.0))
                                                       : std::exp(x));
      sum += p.back();
    }
    if (kind != LayerKind::kSigmoid) {
      for (double& x : p) x /= sum;
    }
    return p;
  }

  Vector target(std::size_t classes, std::int32_t label) const {
    const double s = static_cast<double>(loss_.label_smoothing);
    Vector y(classes, s / static_cast<double>(classes));
    y[static_cast<std::size_t>(label)] += 1 - s;
    return y;
  }

  double row_loss(const Vector& z, std::int32_t label) const {
    const Vector p = output(z);
    const Vector y = target(p.size(), label);
    double loss = 0;
    for (std::size_t k = 0; k < p.size(); ++k) {
      loss += loss_.kind == LossKind::kCrossEntropy
                  ? -y[k] * std::log(p[k])
                  : (p[k] - y[k]) * (p[k] - y[k]) / static_cast<double>(p.size());
    }
    return loss;
  }

  // ∂L/∂z through the whole Jacobian of the outputs, no shortcut taken.
  Vector output_delta(const Vector& z, std::int32_t label) const {
    const LayerKind kind = layers_.layers.back().kind;
    const Vector p = output(z);
    const Vector y = target(p.size(), label);
    Vector delta(p.size(), 0.0);
    for (std::size_t k = 0; k < p.size(); ++k) {
      const double dp = loss_.kind == LossKind::kCrossEntropy
                            ? -y[k] / p[k]
                            : 2 * (p[k] - y[k]) / static_cast<double>(p.size());
      for (std::size_t j = 0; j < p.size(); ++j) {
        double jacobian = (j == k ? p[k] : 0) - p[k] * (kind == LayerKind::kSigmoid && j == k ? p[k]
                                                        : kind == LayerKind::kSigmoid         ? 0
                                                                                      : p[j]);
        if (kind == LayerKind::kArticleSoftmax && std::abs(z[j]) > 5) jacobian = 0;
        delta[j] += dp * jacobian;
      }
    }
    return delta;
  }

  LayerList layers_;
  LossSettings loss_;
  bool has_bias_ = false;
  bool predicts_ = false;
  std::vector<Vector> parameters_;
  std::map<std::size_t, Rows> masks_;
};

}  // namespace mnist::testing
