// Max and average pooling over windows that do not overlap, in each channel.
#pragma once

#include "kernels/pooling.h"
#include "nn/layer.h"

namespace mnist {

class PoolingLayer : public Layer {
 public:
  enum class Kind { kMax, kAverage };

  PoolingLayer(Kind kind, const kernels::PoolingShape& shape)
      : Layer(shape.output()), kind_(kind), shape_(shape) {}

  void forward(Worker& worker, const LayerPass& pass) const override;
  void backward(Worker& worker, const LayerPass& pass) const override;

 private:
  Kind kind_;
  kernels::PoolingShape shape_;
};

}  // namespace mnist
