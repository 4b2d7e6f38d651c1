#include "nn/layer.h"

#include <fmt/format.h>

#include "base/error.h"
#include "nn/activation_layer.h"
#include "nn/batch_norm_layer.h"
#include "nn/dense_layer.h"
#include "nn/dropout_layer.h"

namespace mnist {

std::array<Block, 2> Layer::parameter_share(const LayerPass& pass, const Worker& worker) const {
  const Parameter& p = *parameter();
  if (shares_columns(pass, worker)) return {Block{{0, p.rows}, column_share(worker, p.columns)}};
  return {Block{parameter_rows(worker, p.rows), {0, p.columns}}};
}

void Layer::gradient(const Block&, const LayerPass&, std::span<const float* const>, ZeroRows,
                     const GradientSink&) const {}

void Layer::track(const Range&, const LayerPass&) {}

std::vector<NamedParameter> Layer::named_parameters(const std::string&) const { return {}; }

void Layer::set_named_parameters(const std::vector<NamedParameter>&) {}

std::unique_ptr<Layer> make_layer(const LayerSpec& spec, std::size_t inputs, bool bias) {
  using kernels::Activation;
  switch (spec.kind) {
    case LayerKind::kDense:
      return std::make_unique<DenseLayer>(inputs, spec.width, bias);
    case LayerKind::kRelu:
      return std::make_unique<ActivationLayer>(Activation::kRelu, inputs);
    case LayerKind::kLeakyRelu:
      return std::make_unique<ActivationLayer>(Activation::kLeakyRelu, inputs);
    case LayerKind::kSigmoid:
      return std::make_unique<ActivationLayer>(Activation::kSigmoid, inputs);
    case LayerKind::kTanh:
      return std::make_unique<ActivationLayer>(Activation::kTanh, inputs);
    case LayerKind::kGelu:
      return std::make_unique<ActivationLayer>(Activation::kGelu, inputs);
    case LayerKind::kDropout:
      return std::make_unique<DropoutLayer>(spec.rate, inputs);
    case LayerKind::kBatchNorm:
      return std::make_unique<BatchNormLayer>(inputs);
    case LayerKind::kSoftmax:
    case LayerKind::kArticleSoftmax:
      break;
  }
  throw Error(ExitCode::kUsage, "softmax stands at the end of a stack only; remove it from inside");
}

}  // namespace mnist
