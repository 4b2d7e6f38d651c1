// A convolution: z(y, x) = W * a around (y, x) + b, as torch.nn.Conv2d. If its shape says so, it
// also does the work of the ReLU and the max pooling after it, so that the values in between need
// not be stored.
#pragma once

#include "kernels/convolution.h"
#include "nn/layer.h"

namespace mnist {

/// The parameter has a row per input of a patch, in the order kernel row, kernel column, channel,
/// and a column per output channel. The bias, if there is one, is one more row at the end.
class ConvolutionLayer : public Layer {
 public:
  ConvolutionLayer(const kernels::ConvolutionShape& shape, bool bias);

  std::size_t layers_absorbed() const override;
  std::unique_ptr<Workspace> workspace(const WorkspacePlan& plan) const override;
  std::array<Block, 2> parameter_share(const LayerPass& pass, const Worker& worker) const override;
  void forward(Worker& worker, const LayerPass& pass) const override;
  void backward(Worker& worker, const LayerPass& pass) const override;
  Parameter* parameter() override { return &parameter_; }
  std::optional<UnitWeights> unit_weights() override;
  void gradient(const Block& share, const LayerPass& pass, std::span<const float* const> companions,
                ZeroRows zeros, const GradientSink& sink) const override;
  std::vector<NamedParameter> named_parameters(const std::string& prefix) const override;
  void set_named_parameters(const std::vector<NamedParameter>& parameters) override;

 private:
  bool has_bias() const { return parameter_.rows > shape_.patch(); }
  ConstMatrix weights() const { return parameter_.matrix().row_range(0, shape_.patch()); }
  // The row of the weights that is PyTorch's i-th of a kernel, in the order channel, row, column.
  std::size_t row_of(std::size_t i) const;

  kernels::ConvolutionShape shape_;
  Parameter parameter_;
};

}  // namespace mnist
