// The textual description of a network, e.g. "784,50,relu,20,relu,10,softmax".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/shape.h"

namespace mnist {

/// layer_kinds.cpp has a row for each.
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
  std::size_t width = 0;  // dense: outputs; convolution: output channels
  float rate = 0;         // dropout: the fraction of values to drop
  std::size_t side = 0;   // of a convolution's kernel or a pooling window (0: the whole plane)
  std::size_t stride = 1;
  bool same = false;  // convolution: padded by (side - 1) / 2 on every side

  bool operator==(const LayerSpec&) const = default;
};

/// The shape of values without spatial order: the channels of one pixel.
constexpr Shape flat_shape(std::size_t values) { return {values, 1, 1}; }

/// A complete layer list: the input, then the layers in order; the last one is the output
/// activation.
struct LayerList {
  Shape input;  // flat unless a layer needs the image's shape
  std::vector<LayerSpec> layers;

  std::size_t inputs() const { return input.size(); }
  /// The width of the last dense layer.
  std::size_t outputs() const;
  /// Whether a layer needs the image's shape, because it combines neighbouring pixels.
  bool sees_planes() const;
  /// The name of a layer in files: its number in torch.nn.Sequential, which has a Flatten before
  /// the first dense layer if a layer sees planes.
  std::string layer_name(std::size_t i) const;
  /// The input shape of each layer, then the shape of the output.
  std::vector<Shape> shapes() const;
  bool operator==(const LayerList&) const = default;
};

/// The complete form, which a weights file has in `__metadata__.layers`. Throws Error(kUsage)
/// naming the invalid entry and all possible entries.
LayerList parse_layer_list(std::string_view text);
std::string to_string(const LayerList& list);
std::string to_string(const LayerSpec& layer);

/// The form of `--layers`: the layers between input and output. Appends "CLASSES,softmax" unless
/// the list already ends in an output layer: a dense layer and `softmax` or `article-softmax`, or a
/// dense layer of `classes` outputs and `sigmoid`. `input` is the shape of an image. Throws
/// Error(kUsage) if the width of the output layer is not `classes`, or if a layer does not fit its
/// input.
LayerList complete_layer_list(std::string_view hidden, const Shape& input, std::size_t classes);

}  // namespace mnist
