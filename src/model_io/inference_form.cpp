#include "model_io/inference_form.h"

#include <utility>
#include <vector>

namespace mnist {

Network inference_form(const Network& network) {
  LayerList layers{network.inputs(), {}};
  std::vector<const Layer*> kept;
  for (std::size_t i = 0; i < network.depth(); ++i) {
    const LayerSpec& spec = network.layers().layers[i];
    if (spec.kind == LayerKind::kDropout) continue;
    layers.layers.push_back(spec);
    kept.push_back(&network.layer(i));
  }
  layers.layers.push_back(network.layers().layers.back());
  Network result(std::move(layers), network.has_bias());
  result.set_class_names(network.class_names());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (const Parameter* parameter = kept[i]->parameter())
      *result.layer(i).parameter() = *parameter;
  }
  return result;
}

}  // namespace mnist
