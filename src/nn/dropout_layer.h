// Dropout: in training each value becomes zero with probability P, otherwise it is multiplied by
// 1 / (1 - P), so that prediction does not change values. Srivastava, Hinton, Krizhevsky, Sutskever
// and Salakhutdinov, "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15
// (2014).
#pragma once

#include "kernels/dropout.h"
#include "nn/layer.h"

namespace mnist {

class DropoutLayer : public Layer {
 public:
  DropoutLayer(float rate, const Shape& shape) : Layer(shape), rate_(rate) {}

  bool in_place() const override { return true; }

  void forward(Worker& worker, const LayerPass& pass) const override;
  void backward(Worker& worker, const LayerPass& pass) const override;

  /// The mask of the layer at a position of the network in a step.
  static kernels::DropoutMask mask(std::uint64_t seed, std::uint64_t step, std::size_t position);

 private:
  float rate_;
};

}  // namespace mnist
