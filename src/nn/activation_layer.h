// An elementwise activation: a = σ(z).
#pragma once

#include "kernels/activation.h"
#include "nn/layer.h"

namespace mnist {

class ActivationLayer : public Layer {
 public:
  ActivationLayer(kernels::Activation activation, const Shape& shape)
      : Layer(shape), activation_(activation) {}

  bool in_place() const override { return activation_ != kernels::Activation::kGelu; }

  void forward(Worker& worker, const LayerPass& pass) const override;
  void backward(Worker& worker, const LayerPass& pass) const override;

 private:
  kernels::Activation activation_;
};

}  // namespace mnist
