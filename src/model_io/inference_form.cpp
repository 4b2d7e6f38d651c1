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

[[noreturn]] void refuse(const Network& network) {
  throw Error(ExitCode::kUsage,
              fmt::format("layers {}: a batchnorm has no dense layer beside it that could take it "
                          "in; export .safetensors or .npz, which keep it",
                          to_string(network.layers())));
}

}  // namespace

Network inference_form(const Network& network) {
  const std::vector<LayerSpec>& specs = network.layers().layers;
  const auto vanishes = [](const LayerSpec& spec) {
    return spec.kind == LayerKind::kDropout || spec.kind == LayerKind::kBatchNorm;
  };
  LayerList layers{network.inputs(), {}};
  std::ranges::remove_copy_if(specs, std::back_inserter(layers.layers), vanishes);
  const bool folds = std::ranges::count(specs, LayerKind::kBatchNorm, &LayerSpec::kind) > 0;
  Network result(std::move(layers), network.has_bias() || folds);
  result.set_class_names(network.class_names());

  DenseLayer* below = nullptr;                 // the layer kept last, where it is dense
  std::vector<const BatchNormLayer*> waiting;  // since then, for a dense layer above
  std::size_t kept = 0;
  for (std::size_t i = 0; i < network.depth(); ++i) {
    const Layer& layer = network.layer(i);
    if (const auto* norm = dynamic_cast<const BatchNormLayer*>(&layer)) {
      if (below != nullptr) {
        fold_behind(*norm, Weights(*below));
      } else {
        waiting.push_back(norm);
      }
    }
    if (vanishes(specs[i])) continue;
    below = dynamic_cast<DenseLayer*>(&result.layer(kept++));
    if (below == nullptr) {
      if (!waiting.empty()) refuse(network);
      continue;
    }
    copy(dynamic_cast<const DenseLayer&>(layer), *below);
    for (; !waiting.empty(); waiting.pop_back()) fold_before(*waiting.back(), Weights(*below));
  }
  return result;
}

}  // namespace mnist
