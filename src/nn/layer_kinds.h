// The table of layer kinds: how to write, read, shape and create each. Error messages and help are
// derived from it.
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

/// The largest width of a dense layer: large enough for any network that fits a machine, small
/// enough that products do not overflow.
constexpr std::size_t kMaxWidth = 1'000'000;

/// A layer's place in a network.
struct LayerPlace {
  Shape input;                          // the shape of its input
  bool bias = true;                     // whether layers that can have a bias have one
  bool first = false;                   // whether it reads the network's input
  std::span<const LayerSpec> behind{};  // the following layers
};

/// The shape of a layer's output, or the reason why the input's shape is invalid.
struct ShapeOrReason {
  Shape shape;
  std::string reason{};  // continues "ENTRY "; empty if valid
};

struct LayerKindInfo {
  LayerKind kind;
  /// The entry, if it is a word without numbers, else empty.
  std::string_view name{};
  /// The form of an entry with numbers, for help and messages: "dropout:P with P from 0 to below
  /// 1".
  std::string_view form{};
  /// Reads an entry with numbers. Returns false if it is not of this kind.
  bool (*read)(std::string_view entry, LayerSpec& spec) = nullptr;
  std::string (*write)(const LayerSpec& spec) = nullptr;
  /// nullptr: the shape does not change.
  ShapeOrReason (*shape)(const LayerSpec& spec, const Shape& input) = nullptr;
  /// nullptr for an output activation, which is part of the loss and no layer.
  std::unique_ptr<Layer> (*make)(const LayerSpec& spec, const LayerPlace& place) = nullptr;
  /// How many numbers of such a layer a file contains; nullptr: none.
  std::size_t (*values)(const LayerSpec& spec, const LayerPlace& place) = nullptr;
  /// Whether it combines neighbouring pixels, so that it needs the image's shape.
  bool sees_planes = false;
  /// Whether each position of its output multiplies every weight once.
  bool multiplies = false;
};

std::span<const LayerKindInfo> layer_kinds();
const LayerKindInfo& layer_kind(LayerKind kind);

/// All possible entries, for messages and help: "a width ..., dropout:P ... , or one of relu, ...".
std::string layer_entries();

}  // namespace mnist
