// The table of layer kinds: how each is written, read, shaped and made. Error messages and help
// come from it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/shape.h"
#include "nn/layer.h"
#include "nn/layer_list.h"

namespace mnist {

/// Values that a layer takes or gives: large enough for any network that fits a machine, small
/// enough that products never overflow.
constexpr std::size_t kMaxWidth = 1'000'000;

/// Where a layer stands.
struct LayerPlace {
  Shape input;                          // of what it takes
  bool bias = true;                     // whether layers that can have a bias have one
  bool first = false;                   // on the network's input
  std::span<const LayerSpec> behind{};  // the layers behind it
};

/// What a layer makes of a shape, or why it cannot.
struct ShapeOrReason {
  Shape shape;
  std::string reason{};  // continues "ENTRY "; empty: it can
};

struct LayerKindInfo {
  LayerKind kind;
  /// The entry where it is a word without numbers, else empty.
  std::string_view name{};
  /// How help and messages write an entry with numbers: "dropout:P with P from 0 to below 1".
  std::string_view form{};
  /// Reads an entry with numbers; false where it is not one of this kind.
  bool (*read)(std::string_view entry, LayerSpec& spec) = nullptr;
  std::string (*write)(const LayerSpec& spec) = nullptr;
  /// nullptr: the shape stays.
  ShapeOrReason (*shape)(const LayerSpec& spec, const Shape& input) = nullptr;
  /// nullptr for an output activation, which is no layer: the loss knows it.
  std::unique_ptr<Layer> (*make)(const LayerSpec& spec, const LayerPlace& place) = nullptr;
  /// The numbers of such a layer in a file; nullptr: none.
  std::size_t (*values)(const LayerSpec& spec, const LayerPlace& place) = nullptr;
  /// Looks at neighbouring pixels, so it needs the image's shape.
  bool sees_planes = false;
  /// At every place of its output all its weights are multiplied, each once, and summed.
  bool multiplies = false;
};

std::span<const LayerKindInfo> layer_kinds();
const LayerKindInfo& layer_kind(LayerKind kind);

/// The entries there are, for messages and help: "a width ..., dropout:P ... , or one of relu,
/// ...".
std::string layer_entries();

}  // namespace mnist
