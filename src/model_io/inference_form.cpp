#include "model_io/inference_form.h"

#include <algorithm>
#include <utility>
#include <vector>

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
  Network result(std::move(layers), network.has_bias() || folds);
  result.set_class_names(network.class_names());
  result.set_input(network.input());

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
  return result;
}

}  // namespace mnist
