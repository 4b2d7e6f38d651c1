// A placeholder for a layer whose work is fused into the layer below.
#pragma once

#include "nn/layer.h"

namespace mnist {

class AbsorbedLayer : public Layer {
 public:
  explicit AbsorbedLayer(const Shape& shape) : Layer(shape) {}

  bool in_place() const override { return true; }
  void forward(Worker& /*worker*/, const LayerPass& /*pass*/) const override {}
  void backward(Worker& /*worker*/, const LayerPass& /*pass*/) const override {}
};

}  // namespace mnist
