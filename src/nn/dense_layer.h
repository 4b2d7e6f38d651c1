// A fully connected layer: z = W a + b. Each sum starts from b and runs over the inputs in order.
// Where the layer is the first one and narrow it runs in two chains, the second over the second
// half of the inputs, from 0, and added last.
#pragma once

#include "nn/dense_sharing.h"
#include "nn/layer.h"

namespace mnist {

/// Its parameter holds Wᵀ, a row per input [inputs × outputs], and under it the bias as one more
/// row where there is one: so an input that is zero concerns one contiguous row.
class DenseLayer : public Layer {
 public:
  /// On values of that shape, which it flattens; `first`: they are the network's input.
  DenseLayer(const Shape& input, std::size_t outputs, bool bias, bool first);

  bool reads_pixels() const override { return first_; }
  std::unique_ptr<Workspace> workspace(const WorkspacePlan& plan) const override;
  std::array<Block, 2> parameter_share(const LayerPass& pass, const Worker& worker) const override;
  bool shares_columns(const LayerPass& pass) const override;
  void forward(Worker& worker, const LayerPass& pass) const override;
  void backward(Worker& worker, const LayerPass& pass) const override;
  Parameter* parameter() override { return &parameter_; }
  std::optional<UnitWeights> unit_weights() override { return UnitWeights{weights(), outputs()}; }
  void gradient(const Block& share, const LayerPass& pass, std::span<const float* const> companions,
                ZeroRows zeros, const GradientSink& sink) const override;
  /// Files count the inputs channel by channel.
  std::vector<NamedParameter> named_parameters(const std::string& prefix) const override;
  void set_named_parameters(const std::vector<NamedParameter>& parameters) override;

 private:
  bool has_bias() const { return parameter_.rows > inputs_; }
  Matrix weights() { return parameter_.matrix().row_range(0, inputs_); }
  ConstMatrix weights() const { return parameter_.matrix().row_range(0, inputs_); }
  // [outputs], or nullptr.
  const float* bias() const { return has_bias() ? parameter_.matrix().row(inputs_) : nullptr; }
  // The row of the weights whose input is the i-th one channel by channel.
  std::size_t row_of(std::size_t i) const;

  DenseWork work(const LayerPass& pass) const;
  // What a worker computes of a result of so many columns.
  Block share(const Worker& worker, const LayerPass& pass, std::size_t columns) const;

  void forward_in_chains(Worker& worker, const LayerPass& pass, bool by_features) const;
  // The columns of a chain that a worker computes.
  Range chain_columns(const Worker& worker, std::size_t chain) const;
  // z for these rows and columns, summed over these inputs; from the bias where they are the first.
  void sum(const LayerPass& pass, const Range& inputs, const Block& block, Matrix z) const;
  // The gradient over the worker's own rows, for the other worker to continue.
  void begin_relay(const LayerPass& pass, Matrix partial) const;

  Shape input_shape_;
  std::size_t inputs_;
  bool first_;
  bool two_chains_;
  Parameter parameter_;
};

}  // namespace mnist
