// The textual description of a network, e.g. "784,50,relu,20,relu,10,softmax".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/shape.h"

namespace mnist {

/// See layer_kinds.cpp, which has a row for each.
enum class LayerKind {
  kDense,
  kConvolution,
  kMaxPool,
  kAveragePool,
  kRelu,
  kLeakyRelu,
  kSigmoid,
  kTanh,
  kGelu,
  kDropout,
  kBatchNorm,
  kSoftmax,
  kArticleSoftmax,
};

struct LayerSpec {
  LayerKind kind = LayerKind::kDense;
  std::size_t width = 0;  // dense: its outputs; convolution: its output channels
  float rate = 0;         // dropout: the part of values that it drops
  std::size_t side = 0;   // convolution: of its kernel; pooling: of a window, 0 for the whole plane
  std::size_t stride = 1;
  bool same = false;  // convolution: padded by (side - 1) / 2 on every side

  bool operator==(const LayerSpec&) const = default;
};

/// Values without an order in space: channels of one pixel.
constexpr Shape flat_shape(std::size_t values) { return {values, 1, 1}; }

/// A whole stack: the input, then layers in order, the last one the output activation.
struct LayerList {
  Shape input;  // flat unless a layer needs the image's shape
  std::vector<LayerSpec> layers;

  std::size_t inputs() const { return input.size(); }
  /// The width of the last dense layer.
  std::size_t outputs() const;
  /// True where a layer needs the image's shape: one that looks at neighbouring pixels.
  bool sees_planes() const;
  /// The name of a layer in files: its number in torch.nn.Sequential, which counts a Flatten before
  /// the first dense layer where a layer sees planes.
  std::string layer_name(std::size_t i) const;
  /// What each layer takes, in order, and last what the list gives.
  std::vector<Shape> shapes() const;
  bool operator==(const LayerList&) const = default;
};

/// The full form, as `__metadata__.layers` of a weights file holds it. Throws Error(kUsage) that
/// names the entry which cannot be and the entries there are.
LayerList parse_layer_list(std::string_view text);
std::string to_string(const LayerList& list);
std::string to_string(const LayerSpec& layer);

/// The form of `--layers`: the stack between input and output. "CLASSES,softmax" is appended
/// unless the list ends in an output layer already, i.e. a dense layer and `softmax` or
/// `article-softmax`, or a dense layer of just `classes` outputs and `sigmoid`. Throws
/// Error(kUsage) where an output layer's width is not `classes`, or where a layer cannot work on
/// what the one before gives, of images of the shape `input`.
LayerList complete_layer_list(std::string_view hidden, const Shape& input, std::size_t classes);

}  // namespace mnist
