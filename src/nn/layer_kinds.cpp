#include "nn/layer_kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <optional>

#include "base/checked_product.h"
#include "base/number.h"
#include "nn/activation_layer.h"
#include "nn/batch_norm_layer.h"
#include "nn/convolution_layer.h"
#include "nn/dense_layer.h"
#include "nn/dropout_layer.h"
#include "nn/pooling_layer.h"

namespace mnist {

namespace {

constexpr std::string_view kDropoutPrefix = "dropout:";

using MadeLayer = std::unique_ptr<Layer>;

bool read_dense(std::string_view entry, LayerSpec& spec) {
  const auto width = read_number<std::size_t>(entry);
  if (!width || *width < 1 || *width > kMaxWidth) return false;
  spec.width = *width;
  return true;
}
std::string write_dense(const LayerSpec& spec) { return std::to_string(spec.width); }
ShapeOrReason shape_dense(const LayerSpec& spec, const Shape&) { return {flat_shape(spec.width)}; }
MadeLayer make_dense(const LayerSpec& spec, const LayerPlace& place) {
  return std::make_unique<DenseLayer>(place.input, spec.width, place.bias, place.first);
}
std::size_t values_of_dense(const LayerSpec& spec, const LayerPlace& place) {
  return (place.input.size() + (place.bias ? 1 : 0)) * spec.width;
}

// Removes the number at the beginning of `text` and returns it; nothing if there is no number of at
// least 1.
std::optional<std::size_t> take_number(std::string_view& text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = read_number<std::size_t>(text.substr(0, digits));
  if (!number || *number < 1 || *number > kMaxWidth) return std::nullopt;
  text.remove_prefix(digits);
  return number;
}

// Removes `prefix` from the beginning of the text. Returns whether it was there.
bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool read_convolution(std::string_view entry, LayerSpec& spec) {
  const auto channels = take_number(entry);
  if (!channels || !take(entry, "c")) return false;
  const auto side = take_number(entry);
  if (!side) return false;
  if (take(entry, "s") && !entry.starts_with("ame")) {
    const auto stride = take_number(entry);
    if (!stride) return false;
    spec.stride = *stride;
    spec.same = take(entry, "same");
  } else {
    spec.same = take(entry, "ame");
  }
  spec.width = *channels;
  spec.side = *side;
  return entry.empty();
}
std::string write_convolution(const LayerSpec& spec) {
  return fmt::format("{}c{}{}{}", spec.width, spec.side,
                     spec.stride == 1 ? "" : fmt::format("s{}", spec.stride),
                     spec.same ? "same" : "");
}
kernels::ConvolutionShape convolution_shape(const LayerSpec& spec, const Shape& input) {
  return {input, spec.width, spec.side, spec.stride, spec.same ? (spec.side - 1) / 2 : 0};
}
// Whether a product of sizes is too large for a layer.
bool too_large(std::initializer_list<std::size_t> sizes) {
  constexpr std::size_t kMost = std::numeric_limits<std::int32_t>::max();
  const auto product = checked_product(sizes);
  return !product || *product > kMost;
}
ShapeOrReason shape_convolution(const LayerSpec& spec, const Shape& input) {
  if (spec.same && spec.side % 2 == 0) return {{}, "pads evenly and so takes an odd kernel only"};
  const kernels::ConvolutionShape shape = convolution_shape(spec, input);
  if (std::min(input.height, input.width) + 2 * shape.padding < spec.side) {
    return {{}, fmt::format("has a kernel of {0}x{0}, larger than the plane", spec.side)};
  }
  const Shape output = shape.output();
  if (too_large({output.channels, output.height, output.width}) ||
      too_large({spec.side, spec.side, input.channels, output.channels})) {
    return {{}, "makes more values than memory numbers"};
  }
  return {output};
}
MadeLayer make_convolution(const LayerSpec& spec, const LayerPlace& place) {
  kernels::ConvolutionShape shape = convolution_shape(spec, place.input);
  const std::span<const LayerSpec> behind = place.behind;
  shape.relu = !behind.empty() && behind[0].kind == LayerKind::kRelu;
  if (shape.relu && behind.size() > 1 && behind[1].kind == LayerKind::kMaxPool &&
      behind[1].side <= kernels::ConvolutionShape::kMaxPool) {
    shape.pool = behind[1].side;
  }
  return std::make_unique<ConvolutionLayer>(shape, place.bias);
}
std::size_t values_of_convolution(const LayerSpec& spec, const LayerPlace& place) {
  return (convolution_shape(spec, place.input).patch() + (place.bias ? 1 : 0)) * spec.width;
}

kernels::PoolingShape pooling_shape(const LayerSpec& spec, const Shape& input) {
  if (spec.side == 0) return {input, input.height, input.width};
  return {input, spec.side, spec.side};
}
ShapeOrReason shape_pooling(const LayerSpec& spec, const Shape& input) {
  const kernels::PoolingShape shape = pooling_shape(spec, input);
  if (shape.height > input.height || shape.width > input.width) {
    return {{}, fmt::format("has windows of {0}x{0}, larger than the plane", spec.side)};
  }
  return {shape.output()};
}
bool read_window(std::string_view entry, std::string_view prefix, LayerSpec& spec) {
  if (!take(entry, prefix)) return false;
  const auto side = take_number(entry);
  if (!side || !entry.empty()) return false;
  spec.side = *side;
  return true;
}
bool read_max_pool(std::string_view entry, LayerSpec& spec) {
  return read_window(entry, "maxpool:", spec);
}
std::string write_max_pool(const LayerSpec& spec) { return fmt::format("maxpool:{}", spec.side); }
bool read_average_pool(std::string_view entry, LayerSpec& spec) {
  return entry == "avgpool" || read_window(entry, "avgpool:", spec);
}
std::string write_average_pool(const LayerSpec& spec) {
  return spec.side == 0 ? "avgpool" : fmt::format("avgpool:{}", spec.side);
}
template <PoolingLayer::Kind kKind>
MadeLayer make_pooling(const LayerSpec& spec, const LayerPlace& place) {
  return std::make_unique<PoolingLayer>(kKind, pooling_shape(spec, place.input));
}

template <kernels::Activation kActivation>
MadeLayer make_activation(const LayerSpec&, const LayerPlace& place) {
  return std::make_unique<ActivationLayer>(kActivation, place.input);
}

MadeLayer make_batch_norm(const LayerSpec&, const LayerPlace& place) {
  return std::make_unique<BatchNormLayer>(place.input);
}
std::size_t values_of_batch_norm(const LayerSpec&, const LayerPlace& place) {
  return 4 * place.input.channels;
}

bool read_dropout(std::string_view entry, LayerSpec& spec) {
  if (!entry.starts_with(kDropoutPrefix)) return false;
  const auto rate = read_number<float>(entry.substr(kDropoutPrefix.size()));
  if (!rate || !(*rate >= 0 && *rate < 1)) return false;
  spec.rate = *rate;
  return true;
}
std::string write_dropout(const LayerSpec& spec) {
  return fmt::format("{}{}", kDropoutPrefix, spec.rate);
}
MadeLayer make_dropout(const LayerSpec& spec, const LayerPlace& place) {
  return std::make_unique<DropoutLayer>(spec.rate, place.input);
}

using kernels::Activation;

constexpr LayerKindInfo kKinds[] = {
    {.kind = LayerKind::kDense,
     .form = "a width from 1 to 1000000",
     .read = read_dense,
     .write = write_dense,
     .shape = shape_dense,
     .make = make_dense,
     .values = values_of_dense,
     .multiplies = true},
    {.kind = LayerKind::kConvolution,
     .form = "a convolution CcK of C channels with K x K kernels, with stride S as CcKsS, padded "
             "as CcKsame or CcKsSsame",
     .read = read_convolution,
     .write = write_convolution,
     .shape = shape_convolution,
     .make = make_convolution,
     .values = values_of_convolution,
     .sees_planes = true,
     .multiplies = true},
    {.kind = LayerKind::kMaxPool,
     .form = "maxpool:N over N x N pixels",
     .read = read_max_pool,
     .write = write_max_pool,
     .shape = shape_pooling,
     .make = make_pooling<PoolingLayer::Kind::kMax>,
     .sees_planes = true},
    {.kind = LayerKind::kAveragePool,
     .form = "avgpool:N, avgpool over the whole plane",
     .read = read_average_pool,
     .write = write_average_pool,
     .shape = shape_pooling,
     .make = make_pooling<PoolingLayer::Kind::kAverage>,
     .sees_planes = true},
    {.kind = LayerKind::kDropout,
     .form = "dropout:P with P from 0 to below 1",
     .read = read_dropout,
     .write = write_dropout,
     .make = make_dropout},
    {.kind = LayerKind::kRelu, .name = "relu", .make = make_activation<Activation::kRelu>},
    {.kind = LayerKind::kLeakyRelu,
     .name = "leaky-relu",
     .make = make_activation<Activation::kLeakyRelu>},
    {.kind = LayerKind::kSigmoid, .name = "sigmoid", .make = make_activation<Activation::kSigmoid>},
    {.kind = LayerKind::kTanh, .name = "tanh", .make = make_activation<Activation::kTanh>},
    {.kind = LayerKind::kGelu, .name = "gelu", .make = make_activation<Activation::kGelu>},
    {.kind = LayerKind::kBatchNorm,
     .name = "batchnorm",
     .make = make_batch_norm,
     .values = values_of_batch_norm},
    {.kind = LayerKind::kSoftmax, .name = "softmax"},
    {.kind = LayerKind::kArticleSoftmax, .name = "article-softmax"},
};

}  // namespace

std::span<const LayerKindInfo> layer_kinds() { return kKinds; }

const LayerKindInfo& layer_kind(LayerKind kind) {
  return *std::ranges::find(kKinds, kind, &LayerKindInfo::kind);
}

std::string layer_entries() {
  std::string forms;
  std::string names;
  for (const LayerKindInfo& info : kKinds) {
    if (info.name.empty()) forms += fmt::format("{}, ", info.form);
    if (!info.name.empty()) names += fmt::format("{}{}", names.empty() ? "" : ", ", info.name);
  }
  return fmt::format("{}or one of {}", forms, names);
}

}  // namespace mnist
