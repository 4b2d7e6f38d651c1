// Dropout: in training every value is zero with probability P and otherwise 1 / (1 - P) times
// itself, so that prediction can leave values as they are. Srivastava, Hinton, Krizhevsky,
// Sutskever and Salakhutdinov, "Dropout: a simple way to prevent neural networks from overfitting",
// JMLR 15 (2014).
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

  /// What the layer at that position of the stack drops in that step.
  static kernels::DropoutMask mask(std::uint64_t seed, std::uint64_t step, std::size_t position);

 private:
  float rate_;
};

}  // namespace mnist
