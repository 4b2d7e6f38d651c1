#include "nn/layer_kinds.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/number.h"
#include "nn/activation_layer.h"
#include "nn/batch_norm_layer.h"
#include "nn/dense_layer.h"
#include "nn/dropout_layer.h"

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
     .values = values_of_dense},
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
