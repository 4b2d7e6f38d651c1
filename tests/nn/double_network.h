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
      : layers_(network.layers()), shapes_(layers_.shapes()), loss_(loss) {
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
    const std::size_t plane = plane_of(i);
    const auto n = static_cast<double>(rows.size() * plane);
    for (std::size_t j = 0; j < running[0].size(); ++j) {
      const auto [mean, variance] = moments(input, j, plane);
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
    const LayerKind kind = layers_.layers[i].kind;
    if (kind != LayerKind::kDense && kind != LayerKind::kConvolution) return 0;
    return has_bias_ ? 2 : 1;
  }

  // Pixels of a channel of layer i's input.
  std::size_t plane_of(std::size_t i) const { return shapes_[i].height * shapes_[i].width; }

  // Calls visit(output, input, weight) for each product that the convolution sums: the indices of
  // its factors, and of the sum.
  template <class Visit>
  void for_each_product(std::size_t i, const Visit& visit) const {
    const LayerSpec& spec = layers_.layers[i];
    const Shape& in = shapes_[i];
    const Shape& out = shapes_[i + 1];
    const std::size_t pad = spec.same ? (spec.side - 1) / 2 : 0;
    for (std::size_t o = 0; o < out.channels; ++o) {
      for (std::size_t y = 0; y < out.height; ++y) {
        for (std::size_t x = 0; x < out.width; ++x) {
          for (std::size_t c = 0; c < in.channels; ++c) {
            for (std::size_t ky = 0; ky < spec.side; ++ky) {
              for (std::size_t kx = 0; kx < spec.side; ++kx) {
                const std::size_t row = y * spec.stride + ky;
                const std::size_t column = x * spec.stride + kx;
                if (row < pad || row - pad >= in.height) continue;
                if (column < pad || column - pad >= in.width) continue;
                visit((o * out.height + y) * out.width + x,
                      (c * in.height + row - pad) * in.width + column - pad,
                      ((o * in.channels + c) * spec.side + ky) * spec.side + kx);
              }
            }
          }
        }
      }
    }
  }

  // Calls visit(output, inputs) for each window of the pooling layer i.
  template <class Visit>
  void for_each_window(std::size_t i, const Visit& visit) const {
    const Shape& in = shapes_[i];
    const Shape& out = shapes_[i + 1];
    const std::size_t side = layers_.layers[i].side;
    const std::size_t height = side == 0 ? in.height : side;
    const std::size_t width = side == 0 ? in.width : side;
    for (std::size_t c = 0; c < out.channels; ++c) {
      for (std::size_t y = 0; y < out.height; ++y) {
        for (std::size_t x = 0; x < out.width; ++x) {
          std::vector<std::size_t> inputs;
          for (std::size_t v = 0; v < height; ++v) {
            for (std::size_t u = 0; u < width; ++u) {
              inputs.push_back((c * in.height + y * height + v) * in.width + x * width + u);
            }
          }
          visit((c * out.height + y) * out.width + x, inputs);
        }
      }
    }
  }

  static bool pools(const LayerSpec& spec) {
    return spec.kind == LayerKind::kMaxPool || spec.kind == LayerKind::kAveragePool;
  }

  // The share of each of a window's values in its output.
  static Vector window_weights(const LayerSpec& spec, const Vector& values,
                               const std::vector<std::size_t>& inputs) {
    const auto n = static_cast<double>(inputs.size());
    Vector weights(inputs.size(), spec.kind == LayerKind::kAveragePool ? 1 / n : 0);
    if (spec.kind == LayerKind::kAveragePool) return weights;
    std::size_t largest = 0;
    for (std::size_t k = 1; k < inputs.size(); ++k) {
      if (values[inputs[k]] > values[inputs[largest]]) largest = k;
    }
    weights[largest] = 1;
    return weights;
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
    if (layer.kind == LayerKind::kBatchNorm) return normalize(tensor, input, plane_of(i));
    Rows output = input;
    for (std::size_t r = 0; r < input.size(); ++r) {
      const Vector& a = input[r];
      Vector& z = output[r];
      if (layer.kind == LayerKind::kConvolution) {
        z.assign(shapes_[i + 1].size(), 0.0);
        const std::size_t plane = plane_of(i + 1);
        for (std::size_t j = 0; has_bias_ && j < z.size(); ++j) {
          z[j] = parameters_[tensor + 1][j / plane];
        }
        for_each_product(i, [&](std::size_t out, std::size_t in, std::size_t weight) {
          z[out] += parameters_[tensor][weight] * a[in];
        });
        continue;
      }
      if (pools(layer)) {
        z.assign(shapes_[i + 1].size(), 0.0);
        for_each_window(i, [&](std::size_t out, const std::vector<std::size_t>& inputs) {
          const Vector weights = window_weights(layer, a, inputs);
          for (std::size_t k = 0; k < inputs.size(); ++k) z[out] += weights[k] * a[inputs[k]];
        });
        continue;
      }
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
      return backward_of_norm(tensor, input, delta, gradients, plane_of(i));
    }
    Rows below;
    for (std::size_t r = 0; r < input.size(); ++r) {
      const Vector& a = input[r];
      below.emplace_back(a.size(), 0.0);
      if (layer.kind == LayerKind::kConvolution) {
        const std::size_t plane = plane_of(i + 1);
        for (std::size_t j = 0; has_bias_ && j < delta[r].size(); ++j) {
          gradients[tensor + 1][j / plane] += delta[r][j];
        }
        for_each_product(i, [&](std::size_t out, std::size_t in, std::size_t weight) {
          gradients[tensor][weight] += delta[r][out] * a[in];
          below[r][in] += delta[r][out] * parameters_[tensor][weight];
        });
        continue;
      }
      if (pools(layer)) {
        for_each_window(i, [&](std::size_t out, const std::vector<std::size_t>& inputs) {
          const Vector weights = window_weights(layer, a, inputs);
          for (std::size_t k = 0; k < inputs.size(); ++k) {
            below[r][inputs[k]] += weights[k] * delta[r][out];
          }
        });
        continue;
      }
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
  // Of the values of a channel, a plane of each row.
  static Moments moments(const Rows& rows, std::size_t channel, std::size_t plane) {
    Moments m;
    const auto n = static_cast<double>(rows.size() * plane);
    const auto for_each = [&](const auto& visit) {
      for (const Vector& row : rows) {
        for (std::size_t j = channel * plane; j < (channel + 1) * plane; ++j) visit(row[j]);
      }
    };
    for_each([&](double x) { m.mean += x / n; });
    for_each([&](double x) { m.variance += (x - m.mean) * (x - m.mean) / n; });
    return m;
  }
  // What normalises a channel in a batch normalisation whose parameters begin at `tensor`.
  Moments moments_for(std::size_t tensor, const Rows& input, std::size_t channel,
                      std::size_t plane) const {
    if (predicts_) return {parameters_[tensor + 2][channel], parameters_[tensor + 3][channel]};
    return moments(input, channel, plane);
  }

  Rows normalize(std::size_t tensor, const Rows& input, std::size_t plane) const {
    Rows output = input;
    for (std::size_t c = 0; c < input[0].size() / plane; ++c) {
      const auto [mean, variance] = moments_for(tensor, input, c, plane);
      for (Vector& row : output) {
        for (std::size_t j = c * plane; j < (c + 1) * plane; ++j) {
          row[j] = (row[j] - mean) / std::sqrt(variance + 1e-5) * parameters_[tensor][c] +
                   parameters_[tensor + 1][c];
        }
      }
    }
    return output;
  }

  // Ioffe and Szegedy 2015, section 3.
  Rows backward_of_norm(std::size_t tensor, const Rows& input, const Rows& delta,
                        std::vector<Vector>& gradients, std::size_t plane) const {
    const auto n = static_cast<double>(input.size() * plane);
    Rows below = delta;
    for (std::size_t c = 0; c < input[0].size() / plane; ++c) {
      const auto [mean, variance] = moments_for(tensor, input, c, plane);
      const double deviation = std::sqrt(variance + 1e-5);
      double of_mean = 0;
      double of_variance = 0;
      for (std::size_t r = 0; r < input.size(); ++r) {
        for (std::size_t j = c * plane; j < (c + 1) * plane; ++j) {
          const double centred = input[r][j] - mean;
          gradients[tensor][c] += delta[r][j] * centred / deviation;
          gradients[tensor + 1][c] += delta[r][j];
          below[r][j] = delta[r][j] * parameters_[tensor][c] / deviation;
          of_mean -= below[r][j];
          of_variance -= below[r][j] * centred / (2 * deviation * deviation);
        }
      }
      if (predicts_) {  // the running statistics are no function of the input, but parameters here
        gradients[tensor + 2][c] += of_mean;
        gradients[tensor + 3][c] += of_variance;
        continue;
      }
      for (std::size_t r = 0; r < input.size(); ++r) {
        for (std::size_t j = c * plane; j < (c + 1) * plane; ++j) {
          below[r][j] += of_mean / n + 2 * of_variance * (input[r][j] - mean) / n;
        }
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
  std::vector<Shape> shapes_;  // of each layer's input; values lie channel by channel
  LossSettings loss_;
  bool has_bias_ = false;
  bool predicts_ = false;
  std::vector<Vector> parameters_;
  std::map<std::size_t, Rows> masks_;
};

}  // namespace mnist::testing
