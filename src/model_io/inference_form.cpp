#include "model_io/inference_form.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "nn/batch_norm_layer.h"

namespace mnist {
namespace {

// The named parameters of a dense or convolutional layer: weight, then bias.
using Tensors = std::vector<NamedParameter>;

// The number of weights of one unit.
std::size_t unit_size(const NamedParameter& weight) {
  return weight.values.size() / weight.shape[0];
}

// Folds `norm`, which follows the layer, into the layer.
void fold_behind(const Tensors& norm, Tensors& layer) {
  NamedParameter& weight = layer[0];
  const std::size_t size = unit_size(weight);
  for (std::size_t unit = 0; unit < weight.shape[0]; ++unit) {
    const auto [factor, offset] = batch_norm_affine(norm, unit);
    for (std::size_t i = unit * size; i < (unit + 1) * size; ++i) {
      weight.values[i] = static_cast<float>(factor * static_cast<double>(weight.values[i]));
    }
    float& bias = layer[1].values[unit];
    bias = static_cast<float>(factor * static_cast<double>(bias) + offset);
  }
}

// Folds `norm`, which precedes the layer, into the layer. The weights of a unit are ordered by
// channel.
void fold_before(const Tensors& norm, Tensors& layer) {
  NamedParameter& weight = layer[0];
  const std::size_t size = unit_size(weight);
  const std::size_t of_channel = size / norm[0].values.size();
  for (std::size_t unit = 0; unit < weight.shape[0]; ++unit) {
    double bias = layer[1].values[unit];
    for (std::size_t i = 0; i < size; ++i) {
      const auto [factor, offset] = batch_norm_affine(norm, i / of_channel);
      float& value = weight.values[unit * size + i];
      const auto before = static_cast<double>(value);
      bias += before * offset;
      value = static_cast<float>(before * factor);
    }
    layer[1].values[unit] = static_cast<float>(bias);
  }
}

// For each feature of the network: its factor and offset (value * factor + offset), and its index
// in the data.
struct InputMap {
  std::vector<std::size_t> places;
  std::vector<double> factors;
  std::vector<double> offsets;
};

InputMap input_map(const ModelInput& input, std::size_t features) {
  const InputScale& scale = input.scale;
  // Values from 0 to 1 are exported as bytes, so they are divided by 255.
  const bool unit = scale.kind == ScaleKind::kNone && input.highest <= 1;
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
    // Feature i of the network is at (y, x) of the image that the network sees.
    const std::size_t pixels = shape.height * shape.width;
    const std::size_t y = i % pixels / shape.width;
    const std::size_t x = i % pixels % shape.width;
    map.places.push_back(input.transpose ? i / pixels * pixels + x * shape.height + y : i);
    map.factors.push_back(factor);
    map.offsets.push_back(offset);
  }
  return map;
}

// Whether the input is only divided by 255, which exporters do by default.
bool divides_by_255(const ModelInput& input) {
  const bool unit = input.scale.kind == ScaleKind::kNone && input.highest <= 1;
  return (input.scale.takes_bytes() || unit) && !input.invert && !input.transpose;
}

bool is_uniform(const std::vector<double>& values) {
  return std::ranges::adjacent_find(values, std::not_equal_to()) == values.end();
}

InputAffine input_affine(const Network& network) {
  const ModelInput& input = network.input();
  const InputMap map = input_map(input, network.inputs());
  const bool uniform = is_uniform(map.factors) && is_uniform(map.offsets);
  const auto floats = [&](const std::vector<double>& values) {
    return std::vector<float>(values.begin(), uniform ? values.begin() + 1 : values.end());
  };
  // The map is in the order of the network's features; reorder the factors to that of the data.
  InputAffine affine{
      floats(map.factors), floats(map.offsets), input.transpose,
      input.shape.size() == network.inputs() ? input.shape : shape_of_row(network.inputs())};
  if (!uniform) {
    for (std::size_t i = 0; i < map.places.size(); ++i) {
      affine.factors[map.places[i]] = static_cast<float>(map.factors[i]);
      affine.offsets[map.places[i]] = static_cast<float>(map.offsets[i]);
    }
  }
  if (input.transpose) std::swap(affine.given.height, affine.given.width);
  return affine;
}

// Folds the preparation of the input, except the division by 255, into the first layer, a dense
// one.
void fold_input(const Network& network, Network& result) {
  const ModelInput& input = network.input();
  const InputMap map = input_map(input, network.inputs());
  Tensors dense = result.layer(0).named_parameters("");
  const std::size_t inputs = unit_size(dense[0]);
  for (std::size_t out = 0; out < dense[0].shape[0]; ++out) {
    float* weights = dense[0].values.data() + out * inputs;
    const std::vector<float> before(weights, weights + inputs);
    double bias = result.has_bias() ? dense[1].values[out] : 0;
    for (std::size_t i = 0; i < inputs; ++i) {
      const auto weight = static_cast<double>(before[i]);
      bias += weight * map.offsets[i];
      weights[map.places[i]] = static_cast<float>(weight * map.factors[i] * 255);
    }
    if (result.has_bias()) dense[1].values[out] = static_cast<float>(bias);
  }
  result.layer(0).set_named_parameters(dense);
}

bool is_norm_or_dropout(const LayerSpec& spec) {
  return spec.kind == LayerKind::kBatchNorm || spec.kind == LayerKind::kDropout;
}

bool has_weights(const LayerSpec& spec) {
  return spec.kind == LayerKind::kDense || spec.kind == LayerKind::kConvolution;
}

// Whether a normalisation before the layer can be folded into it. Not with padding: the padded
// zeros are not normalised, but an offset in the bias would apply to them, too.
bool takes_offsets(const LayerSpec& spec) { return has_weights(spec) && !spec.same; }

// The next layer other than batch normalisation and dropout; `end` if there is none.
template <class Iterator>
Iterator next_other(Iterator begin, Iterator end) {
  return std::find_if_not(begin, end, is_norm_or_dropout);
}

// Whether layer `i` is dropped or folded, so that it is not in the inference form.
bool vanishes(const std::vector<LayerSpec>& specs, std::size_t i) {
  if (specs[i].kind == LayerKind::kDropout) return true;
  if (specs[i].kind != LayerKind::kBatchNorm) return false;
  const auto here = static_cast<std::ptrdiff_t>(i);
  const auto below = next_other(specs.rend() - here, specs.rend());
  if (below != specs.rend() && has_weights(*below)) return true;
  const auto above = next_other(specs.begin() + here, specs.end());
  return above != specs.end() && takes_offsets(*above);
}

}  // namespace

InferenceForm inference_form(const Network& network) {
  const std::vector<LayerSpec>& specs = network.layers().layers;
  LayerList layers{network.layers().input, {}};
  bool folds = false;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (!vanishes(specs, i)) {
      layers.layers.push_back(specs[i]);
    } else if (specs[i].kind == LayerKind::kBatchNorm) {
      folds = true;
    }
  }
  const ModelInput& input = network.input();
  const bool dense_first = layers.layers.front().kind == LayerKind::kDense;
  const bool plain_input = divides_by_255(input);
  folds = folds || (dense_first && !plain_input);
  Network result(std::move(layers), network.has_bias() || folds);
  result.set_class_names(network.class_names().empty() ? network.input().labels
                                                       : network.class_names());
  ModelInput plain = network.input();
  plain.scale = {};
  plain.invert = plain.transpose = false;
  result.set_input(std::move(plain));

  std::vector<Tensors> tensors;  // of the kept layers
  bool behind_weights = false;   // whether a normalisation can be folded into the last kept layer
  std::vector<Tensors> waiting;  // normalisations to be folded into the next layer with weights
  for (std::size_t i = 0; i < network.depth(); ++i) {
    Tensors own = network.layer(i).named_parameters("");
    if (vanishes(specs, i)) {
      if (specs[i].kind != LayerKind::kBatchNorm) continue;
      if (behind_weights) {
        fold_behind(own, tensors.back());
      } else {
        waiting.push_back(std::move(own));
      }
      continue;
    }
    behind_weights = has_weights(specs[i]);
    if (behind_weights) {
      if (own.size() == 1 && result.has_bias()) {
        const std::size_t units = own[0].shape[0];
        own.push_back({".bias", {units}, std::vector<float>(units)});
      }
      for (; !waiting.empty(); waiting.pop_back()) fold_before(waiting.back(), own);
    }
    tensors.push_back(std::move(own));
  }
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    result.layer(i).set_named_parameters(tensors[i]);
  }
  if (plain_input) return {std::move(result), std::nullopt};
  if (!dense_first) return {std::move(result), input_affine(network)};
  fold_input(network, result);
  return {std::move(result), std::nullopt};
}

}  // namespace mnist
