// The textual description of a network, e.g. "784,50,relu,20,relu,10,softmax".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mnist {

enum class LayerKind {
  kDense,
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
  std::size_t width = 0;  // dense: its outputs
  float rate = 0;         // dropout: the part of values that it drops

  bool operator==(const LayerSpec&) const = default;
};

/// A whole stack: input width, then layers in order, the last one the output activation.
struct LayerList {
  std::size_t inputs = 0;
  std::vector<LayerSpec> layers;

  /// The width of the last dense layer.
  std::size_t outputs() const;
  bool operator==(const LayerList&) const = default;
};

/// The full form, as `__metadata__.layers` of a weights file holds it. Throws Error(kUsage) that
/// names the entry which cannot be and the entries there are.
LayerList parse_layer_list(std::string_view text);
std::string to_string(const LayerList& list);

/// The form of `--layers`: the stack between input and output. "CLASSES,softmax" is appended
/// unless the list ends in an output layer already, i.e. a dense layer and `softmax` or
/// `article-softmax`, or a dense layer of just `classes` outputs and `sigmoid`. Throws
/// Error(kUsage) where an output layer's width is not `classes`.
LayerList complete_layer_list(std::string_view hidden, std::size_t inputs, std::size_t classes);

}  // namespace mnist
