#include "nn/layer_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "base/number.h"
#include "base/split.h"

namespace mnist {

namespace {

// Large enough for any network that fits a machine, small enough that products never overflow.
constexpr std::size_t kMaxWidth = 1'000'000;

constexpr std::array<std::pair<std::string_view, LayerKind>, 8> kNamedLayers{{
    {"relu", LayerKind::kRelu},
    {"leaky-relu", LayerKind::kLeakyRelu},
    {"sigmoid", LayerKind::kSigmoid},
    {"tanh", LayerKind::kTanh},
    {"gelu", LayerKind::kGelu},
    {"batchnorm", LayerKind::kBatchNorm},
    {"softmax", LayerKind::kSoftmax},
    {"article-softmax", LayerKind::kArticleSoftmax},
}};

constexpr std::string_view kDropoutPrefix = "dropout:";

LayerSpec parse_layer(std::string_view entry, std::string_view list) {
  for (const auto& [name, kind] : kNamedLayers) {
    if (entry == name) return {.kind = kind};
  }
  const auto width = read_number<std::size_t>(entry);
  if (width && *width >= 1 && *width <= kMaxWidth) return {.width = *width};
  if (entry.starts_with(kDropoutPrefix)) {
    const auto rate = read_number<float>(entry.substr(kDropoutPrefix.size()));
    if (rate && *rate >= 0 && *rate < 1) return {.kind = LayerKind::kDropout, .rate = *rate};
  }
  throw Error(ExitCode::kUsage,
              fmt::format("layers '{}': '{}' is no layer; an entry is a width from 1 to {}, "
                          "dropout:P with P from 0 to below 1, or one of relu, leaky-relu, "
                          "sigmoid, tanh, gelu, batchnorm, softmax, article-softmax",
                          list, entry, kMaxWidth));
}

// Splits a list that is not too long to be shown, and to be anyone's wish.
std::vector<std::string_view> entries_of(std::string_view list) {
  constexpr std::size_t kMostBytes = 16'384;
  constexpr std::size_t kMostLayers = 1000;
  const auto commas = static_cast<std::size_t>(std::count(list.begin(), list.end(), ','));
  if (list.size() <= kMostBytes && commas < kMostLayers) return split(list, ',');
  throw Error(ExitCode::kUsage,
              fmt::format("layers: a list of {} entries in {} bytes; at most {} and {} are read",
                          commas + 1, list.size(), kMostLayers, kMostBytes));
}

bool is_output_only(LayerKind kind) {
  return kind == LayerKind::kSoftmax || kind == LayerKind::kArticleSoftmax;
}

void check_output_layers(const std::vector<LayerSpec>& layers, std::string_view list) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (!is_output_only(layers[i].kind)) continue;
    const bool after_dense = i > 0 && layers[i - 1].kind == LayerKind::kDense;
    if (i + 1 != layers.size() || !after_dense) {
      throw Error(ExitCode::kUsage,
                  fmt::format("layers '{}': softmax belongs at the end, after a width", list));
    }
  }
}

}  // namespace

std::size_t LayerList::outputs() const {
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    if (layer->kind == LayerKind::kDense) return layer->width;
  }
  return inputs;
}

LayerList parse_layer_list(std::string_view text) {
  const std::vector<std::string_view> entries = entries_of(text);
  const LayerSpec input = parse_layer(entries.front(), text);
  LayerList list;
  list.inputs = input.width;
  for (std::size_t i = 1; i < entries.size(); ++i) {
    list.layers.push_back(parse_layer(entries[i], text));
  }
  check_output_layers(list.layers, text);
  const std::size_t n = list.layers.size();
  const bool ends_in_output =
      n >= 2 && list.layers[n - 2].kind == LayerKind::kDense &&
      (is_output_only(list.layers[n - 1].kind) || list.layers[n - 1].kind == LayerKind::kSigmoid);
  if (input.kind != LayerKind::kDense || !ends_in_output) {
    throw Error(ExitCode::kUsage,
                fmt::format("layers '{}': a whole stack begins with the input width and ends with "
                            "the outputs and their activation, as in 784,50,relu,10,softmax",
                            text));
  }
  return list;
}

std::string to_string(const LayerList& list) {
  std::string text = std::to_string(list.inputs);
  for (const LayerSpec& layer : list.layers) {
    text += ',';
    if (layer.kind == LayerKind::kDense) {
      text += std::to_string(layer.width);
      continue;
    }
    if (layer.kind == LayerKind::kDropout) {
      text += fmt::format("{}{}", kDropoutPrefix, layer.rate);
      continue;
    }
    for (const auto& [name, kind] : kNamedLayers) {
      if (kind == layer.kind) text += name;
    }
  }
  return text;
}

LayerList complete_layer_list(std::string_view hidden, std::size_t inputs, std::size_t classes) {
  if (inputs == 0 || inputs > kMaxWidth || classes == 0 || classes > kMaxWidth) {
    throw Error(ExitCode::kBadInput,
                fmt::format("{} inputs and {} outputs; both may be from 1 to {}", inputs, classes,
                            kMaxWidth));
  }
  LayerList list;
  list.inputs = inputs;
  if (!hidden.empty()) {
    for (const std::string_view entry : entries_of(hidden)) {
      list.layers.push_back(parse_layer(entry, hidden));
    }
  }
  check_output_layers(list.layers, hidden);
  const std::size_t n = list.layers.size();
  if (n > 0 && is_output_only(list.layers[n - 1].kind)) {
    if (list.outputs() != classes) {
      throw Error(ExitCode::kUsage, fmt::format("layers '{}': the output layer has {} outputs, the "
                                                "data {} classes",
                                                hidden, list.outputs(), classes));
    }
    return list;
  }
  if (n > 1 && list.layers[n - 1].kind == LayerKind::kSigmoid &&
      list.layers[n - 2] == LayerSpec{.width = classes}) {
    return list;
  }
  list.layers.push_back({.width = classes});
  list.layers.push_back({.kind = LayerKind::kSoftmax});
  return list;
}

}  // namespace mnist
