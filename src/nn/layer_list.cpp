#include "nn/layer_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/number.h"
#include "base/split.h"
#include "nn/layer_kinds.h"

namespace mnist {

namespace {

[[noreturn]] void bad_layers(std::string_view list, const std::string& why) {
  refuse(fmt::format("layers '{}': {}", list, why));
}

LayerSpec parse_layer(std::string_view entry, std::string_view list) {
  for (const LayerKindInfo& info : layer_kinds()) {
    LayerSpec spec{.kind = info.kind};
    if (info.read == nullptr ? entry == info.name : info.read(entry, spec)) return spec;
  }
  bad_layers(list, fmt::format("'{}' is no layer; an entry is {}", entry, layer_entries()));
}

// Splits a list, within limits that no reasonable network reaches.
std::vector<std::string_view> entries_of(std::string_view list) {
  constexpr std::size_t kMostBytes = 16'384;
  constexpr std::size_t kMostLayers = 1000;
  const auto commas = static_cast<std::size_t>(std::count(list.begin(), list.end(), ','));
  if (list.size() <= kMostBytes && commas < kMostLayers) return split(list, ',');
  refuse(fmt::format("layers: a list of {} entries in {} bytes; at most {} and {} are read",
                     commas + 1, list.size(), kMostLayers, kMostBytes));
}

bool is_output_only(LayerKind kind) { return layer_kind(kind).make == nullptr; }

void check_output_layers(const std::vector<LayerSpec>& layers, std::string_view list) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (!is_output_only(layers[i].kind)) continue;
    const bool after_dense = i > 0 && layers[i - 1].kind == LayerKind::kDense;
    if (i + 1 != layers.size() || !after_dense) {
      bad_layers(list, "softmax belongs at the end, after a width");
    }
  }
}

// A shape for messages: with or without spatial order.
std::string described(const Shape& shape) {
  return shape.height * shape.width == 1 ? fmt::format("{} values", shape.size())
                                         : fmt::format("values of {}", to_string(shape));
}

// The input shape of each layer, then the shape of the output. Throws Error(kUsage) naming `list`
// for a layer that does not fit its input.
std::vector<Shape> checked_shapes(const LayerList& layers, std::string_view list) {
  std::vector<Shape> shapes{layers.input};
  // A flat row of values, such as a table's row, has no known image shape.
  const bool flat_input =
      layers.input.height == 1 && (layers.input.channels == 1 || layers.input.width == 1);
  bool flattened = false;
  for (const LayerSpec& spec : layers.layers) {
    const LayerKindInfo& info = layer_kind(spec.kind);
    const Shape& input = shapes.back();
    if (info.sees_planes && flattened) {
      bad_layers(list, fmt::format("{} looks at neighbouring pixels and meets the {} of a dense "
                                   "layer; put it before the first width",
                                   to_string(spec), described(input)));
    }
    if (info.sees_planes && flat_input) {
      bad_layers(
          list,
          fmt::format("{} needs the images' shape, and there are {} without one; begin a full list "
                      "with the shape, as 28x28 or 3x32x32, or give the data's with --shape",
                      to_string(spec), described(input)));
    }
    ShapeOrReason output{input};
    if (info.shape != nullptr) output = info.shape(spec, input);
    if (!output.reason.empty()) {
      bad_layers(list, fmt::format("{} {}, and it meets {}", to_string(spec), output.reason,
                                   described(input)));
    }
    flattened = flattened || spec.kind == LayerKind::kDense;
    shapes.push_back(output.shape);
  }
  return shapes;
}

}  // namespace

std::size_t LayerList::outputs() const {
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    if (layer->kind == LayerKind::kDense) return layer->width;
  }
  return inputs();
}

bool LayerList::sees_planes() const {
  return std::ranges::any_of(
      layers, [](const LayerSpec& spec) { return layer_kind(spec.kind).sees_planes; });
}

std::string LayerList::layer_name(std::size_t i) const {
  const auto dense = std::ranges::find(layers, LayerKind::kDense, &LayerSpec::kind);
  const bool flattened = sees_planes() && i >= static_cast<std::size_t>(dense - layers.begin());
  return std::to_string(flattened ? i + 1 : i);
}

std::vector<Shape> LayerList::shapes() const { return checked_shapes(*this, to_string(*this)); }

LayerList parse_layer_list(std::string_view text) {
  const std::vector<std::string_view> entries = entries_of(text);
  LayerList list;
  for (std::size_t i = 1; i < entries.size(); ++i) {
    list.layers.push_back(parse_layer(entries[i], text));
  }
  bool has_input = true;
  if (const auto shape = parse_shape(entries.front())) {
    list.input = list.sees_planes() ? *shape : flat_shape(shape->size());
  } else {
    const LayerSpec input = parse_layer(entries.front(), text);
    has_input = input.kind == LayerKind::kDense;
    list.input = flat_shape(input.width);
  }
  check_output_layers(list.layers, text);
  const std::size_t n = list.layers.size();
  const bool ends_in_output =
      n >= 2 && list.layers[n - 2].kind == LayerKind::kDense &&
      (is_output_only(list.layers[n - 1].kind) || list.layers[n - 1].kind == LayerKind::kSigmoid);
  if (!has_input || !ends_in_output) {
    bad_layers(text,
               "a whole stack begins with the input, its width or its shape, and ends with the "
               "outputs and their activation, as in 784,50,relu,10,softmax");
  }
  checked_shapes(list, text);
  return list;
}

std::string to_string(const LayerSpec& layer) {
  const LayerKindInfo& info = layer_kind(layer.kind);
  return info.write == nullptr ? std::string(info.name) : info.write(layer);
}

std::string to_string(const LayerList& list) {
  std::string text = list.sees_planes() ? to_string(list.input) : std::to_string(list.inputs());
  for (const LayerSpec& layer : list.layers) text += ',' + to_string(layer);
  return text;
}

LayerList complete_layer_list(std::string_view hidden, const Shape& input, std::size_t classes) {
  const std::size_t inputs = input.size();
  if (inputs == 0 || inputs > kMaxWidth || classes == 0 || classes > kMaxWidth) {
    throw Error(ExitCode::kBadInput,
                fmt::format("{} inputs and {} outputs; both may be from 1 to {}", inputs, classes,
                            kMaxWidth));
  }
  LayerList list;
  if (!hidden.empty()) {
    for (const std::string_view entry : entries_of(hidden)) {
      list.layers.push_back(parse_layer(entry, hidden));
    }
  }
  list.input = list.sees_planes() ? input : flat_shape(input.size());
  check_output_layers(list.layers, hidden);
  const std::size_t n = list.layers.size();
  if (n > 0 && is_output_only(list.layers[n - 1].kind)) {
    if (list.outputs() != classes) {
      bad_layers(hidden, fmt::format("the output layer has {} outputs, the data {} classes",
                                     list.outputs(), classes));
    }
  } else if (n < 2 || list.layers[n - 1].kind != LayerKind::kSigmoid ||
             list.layers[n - 2] != LayerSpec{.width = classes}) {
    list.layers.push_back({.width = classes});
    list.layers.push_back({.kind = LayerKind::kSoftmax});
  }
  checked_shapes(list, hidden);
  return list;
}

}  // namespace mnist
