#include "model_io/inference_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/error.h"
#include "nn/batch_norm_layer.h"
#include "nn/dense_layer.h"

namespace mnist {
namespace {

// W and b of a dense layer, which always has a bias here.
struct Weights {
  explicit Weights(DenseLayer& layer)
      : w(layer.weights()), b(layer.parameter()->matrix().row(w.rows)) {}

  Matrix w;  // [inputs × outputs]
  float* b;
};

void copy(const DenseLayer& from, DenseLayer& to) {
  const ConstMatrix w = from.weights();
  for (std::size_t r = 0; r < w.rows; ++r) std::copy_n(w.row(r), w.columns, to.weights().row(r));
  if (from.has_bias()) std::copy_n(from.bias(), w.columns, to.parameter()->matrix().row(w.rows));
}

// The layer's outputs were normalised by `norm`.
void fold_behind(const BatchNormLayer& norm, const Weights& dense) {
  for (std::size_t c = 0; c < dense.w.columns; ++c) {
    const auto [factor, offset] = norm.affine(c);
    for (std::size_t r = 0; r < dense.w.rows; ++r) {
      dense.w.row(r)[c] = static_cast<float>(factor * static_cast<double>(dense.w.row(r)[c]));
    }
    dense.b[c] = static_cast<float>(factor * static_cast<double>(dense.b[c]) + offset);
  }
}

// The layer's inputs were normalised by `norm`.
void fold_before(const BatchNormLayer& norm, const Weights& dense) {
  std::vector<double> bias(dense.b, dense.b + dense.w.columns);
  for (std::size_t r = 0; r < dense.w.rows; ++r) {
    const auto [factor, offset] = norm.affine(r);
    for (std::size_t c = 0; c < dense.w.columns; ++c) {
      const auto weight = static_cast<double>(dense.w.row(r)[c]);
      bias[c] += weight * offset;
      dense.w.row(r)[c] = static_cast<float>(weight * factor);
    }
  }
  std::ranges::transform(bias, dense.b, [](double x) { return static_cast<float>(x); });
}

// What becomes of feature i: value * factor + offset, at the place that it has for the network.
struct InputMap {
  std::vector<std::size_t> places;
  std::vector<double> factors;
  std::vector<double> offsets;
};

InputMap input_map(const ModelInput& input, std::size_t features) {
  const InputScale& scale = input.scale;
  const bool unit = scale.kind == ScaleKind::kNone && input.highest <= 1;  // the same as / 255
  const double highest =
      unit || scale.takes_bytes() ? 255 : std::max(static_cast<double>(input.highest), 1.0);
  const Shape shape = input.shape.size() == features ? input.shape : shape_of_row(features);
  InputMap map;
  for (std::size_t i = 0; i < features; ++i) {
    double factor = 1;
    double offset = 0;
    const std::size_t f = scale.mean.size() > 1 ? i : 0;
    switch (scale.kind) {
      case ScaleKind::kDivide:
        factor = 1 / static_cast<double>(scale.divisor);
        break;
      case ScaleKind::kStandard:
        factor = 1 / static_cast<double>(scale.deviation[f]);
        offset = -static_cast<double>(scale.mean[f]) * factor;
        break;
      case ScaleKind::kNormalize:
        factor = 1 / static_cast<double>(scale.deviation[0]) / static_cast<double>(scale.divisor);
        offset = -static_cast<double>(scale.mean[0]) / static_cast<double>(scale.deviation[0]);
        break;
      default:
        if (unit) factor = 1.0 / 255;
    }
    if (input.invert) {
      offset += factor * highest;
      factor = -factor;
    }
    // The network's feature i is a row and a column of the images as it sees them.
    const std::size_t pixels = shape.height * shape.width;
    const std::size_t y = i % pixels / shape.width;
    const std::size_t x = i % pixels % shape.width;
    map.places.push_back(input.transpose ? i / pixels * pixels + x * shape.height + y : i);
    map.factors.push_back(factor);
    map.offsets.push_back(offset);
  }
  return map;
}

// Exported networks divide their input by 255: whatever else the network's own was prepared by goes
// into the first dense layer.
void fold_input(const Network& network, Network& result) {
  const ModelInput& input = network.input();
  const bool unit = input.scale.kind == ScaleKind::kNone && input.highest <= 1;
  if ((input.scale.takes_bytes() || unit) && !input.invert && !input.transpose) return;
  auto* first = result.depth() > 0 ? dynamic_cast<DenseLayer*>(&result.layer(0)) : nullptr;
  if (first == nullptr) {
    throw Error(ExitCode::kUsage,
                fmt::format("input scale {}{}{} cannot be exported where the first layer is not "
                            "dense",
                            to_string(input.scale), input.invert ? ", inverted" : "",
                            input.transpose ? ", transposed" : ""));
  }
  const InputMap map = input_map(input, network.inputs());
  const Weights dense(*first);
  std::vector<double> bias(dense.b, dense.b + dense.w.columns);
  std::vector<std::vector<float>> rows(dense.w.rows);
  for (std::size_t i = 0; i < dense.w.rows; ++i) {
    std::vector<float>& row = rows[map.places[i]];
    for (std::size_t c = 0; c < dense.w.columns; ++c) {
      const auto weight = static_cast<double>(dense.w.row(i)[c]);
      bias[c] += weight * map.offsets[i];
      row.push_back(static_cast<float>(weight * map.factors[i] * 255));
    }
  }
  for (std::size_t i = 0; i < dense.w.rows; ++i) std::ranges::copy(rows[i], dense.w.row(i));
  std::ranges::transform(bias, dense.b, [](double x) { return static_cast<float>(x); });
}

bool is_norm_or_dropout(const LayerSpec& spec) {
  return spec.kind == LayerKind::kBatchNorm || spec.kind == LayerKind::kDropout;
}

// Whether the next layer from `begin` to `end`, past batch normalisation and dropout, is dense.
template <class Iterator>
bool meets_dense(Iterator begin, Iterator end) {
  const auto next = std::find_if_not(begin, end, is_norm_or_dropout);
  return next != end && next->kind == LayerKind::kDense;
}

// Whether the layer at `i` is no part of the inference form.
bool vanishes(const std::vector<LayerSpec>& specs, std::size_t i) {
  if (specs[i].kind == LayerKind::kDropout) return true;
  if (specs[i].kind != LayerKind::kBatchNorm) return false;
  const auto here = static_cast<std::ptrdiff_t>(i);
  return meets_dense(specs.begin() + here, specs.end()) ||
         meets_dense(specs.rend() - here, specs.rend());
}

}  // namespace

Network inference_form(const Network& network) {
  const std::vector<LayerSpec>& specs = network.layers().layers;
  LayerList layers{network.inputs(), {}};
  bool folds = false;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (!vanishes(specs, i)) {
      layers.layers.push_back(specs[i]);
    } else if (specs[i].kind == LayerKind::kBatchNorm) {
      folds = true;
    }
  }
  const ModelInput& input = network.input();
  folds = folds || input.invert || !input.scale.mean.empty();
  Network result(std::move(layers), network.has_bias() || folds);
  result.set_class_names(network.class_names().empty() ? network.input().labels
                                                       : network.class_names());
  ModelInput plain = network.input();
  plain.scale = {};
  plain.invert = plain.transpose = false;
  result.set_input(std::move(plain));

  DenseLayer* below = nullptr;                 // the layer kept last, where it is dense
  std::vector<const BatchNormLayer*> waiting;  // since then, for the dense layer above
  std::size_t kept = 0;
  for (std::size_t i = 0; i < network.depth(); ++i) {
    const Layer& layer = network.layer(i);
    const auto* norm = dynamic_cast<const BatchNormLayer*>(&layer);
    if (vanishes(specs, i)) {
      if (norm != nullptr && below != nullptr) fold_behind(*norm, Weights(*below));
      if (norm != nullptr && below == nullptr) waiting.push_back(norm);
      continue;
    }
    Layer& copied = result.layer(kept++);
    if (norm != nullptr) copied.set_named_parameters(norm->named_parameters(""));
    below = dynamic_cast<DenseLayer*>(&copied);
    if (below == nullptr) continue;
    copy(dynamic_cast<const DenseLayer&>(layer), *below);
    for (; !waiting.empty(); waiting.pop_back()) fold_before(*waiting.back(), Weights(*below));
  }
  fold_input(network, result);
  return result;
}

}  // namespace mnist
