// The network once more, in double and in plain loops: the twin that gradients are checked on.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "nn/loss.h"
#include "nn/network.h"

namespace mnist::testing {

using Vector = std::vector<double>;

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

  /// The mean loss over the rows.
  double loss(const std::vector<Vector>& rows, const std::vector<std::int32_t>& labels) const {
    double sum = 0;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      sum += row_loss(activations(rows[r]).back(), labels[r]);
    }
    return sum / static_cast<double>(rows.size());
  }

  /// Its gradient by backpropagation, in the shapes of parameters().
  std::vector<Vector> gradient(const std::vector<Vector>& rows,
                               const std::vector<std::int32_t>& labels) const {
    std::vector<Vector> sum;
    for (const Vector& p : parameters_) sum.emplace_back(p.size(), 0.0);
    for (std::size_t r = 0; r < rows.size(); ++r) add_row_gradient(rows[r], labels[r], sum);
    for (Vector& p : sum) {
      for (double& x : p) x /= static_cast<double>(rows.size());
    }
    return sum;
  }

  Vector probabilities(const Vector& row) const { return output(activations(row).back()); }

 private:
  std::size_t tensors_per_dense() const { return has_bias_ ? 2 : 1; }

  // The input of each layer and, last, the values under the output activation.
  std::vector<Vector> activations(const Vector& row) const {
    std::vector<Vector> all{row};
    std::size_t tensor = 0;
    for (std::size_t i = 0; i + 1 < layers_.layers.size(); ++i) {
      const LayerSpec& layer = layers_.layers[i];
      const Vector& a = all.back();
      Vector z;
      if (layer.kind == LayerKind::kDense) {
        for (std::size_t out = 0; out < layer.width; ++out) {
          double sum = has_bias_ ? parameters_[tensor + 1][out] : 0;
          for (std::size_t in = 0; in < a.size(); ++in) {
            sum += parameters_[tensor][out * a.size() + in] * a[in];
          }
          z.push_back(sum);
        }
        tensor += tensors_per_dense();
      } else {
        for (const double x : a) z.push_back(activate(layer.kind, x));
      }
      all.push_back(z);
    }
    return all;
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

  void add_row_gradient(const Vector& row, std::int32_t label, std::vector<Vector>& sum) const {
    const std::vector<Vector> a = activations(row);
    Vector delta = output_delta(a.back(), label);
    std::size_t tensor = parameters_.size();
    for (std::size_t i = layers_.layers.size() - 1; i-- > 0;) {
      const LayerSpec& layer = layers_.layers[i];
      const Vector& in = a[i];
      Vector below(in.size(), 0.0);
      if (layer.kind == LayerKind::kDense) {
        tensor -= tensors_per_dense();
        for (std::size_t out = 0; out < layer.width; ++out) {
          if (has_bias_) sum[tensor + 1][out] += delta[out];
          for (std::size_t j = 0; j < in.size(); ++j) {
            sum[tensor][out * in.size() + j] += delta[out] * in[j];
            below[j] += parameters_[tensor][out * in.size() + j] * delta[out];
          }
        }
      } else {
        for (std::size_t j = 0; j < in.size(); ++j) {
          below[j] = delta[j] * derivative(layer.kind, in[j]);
        }
      }
      delta = below;
    }
  }

  LayerList layers_;
  LossSettings loss_;
  bool has_bias_ = false;
  std::vector<Vector> parameters_;
};

}  // namespace mnist::testing
