// A fully connected layer: z = W a + b. Each sum starts from b and runs over the inputs in order.
// Where the layer is the first one and narrow it runs in two chains, the second over the second
// half of the inputs, from 0, and added last. Workers share a layer
// - by rows of the batch, each all of the weights,
// - by columns where there are enough, each all rows, or
// - in two chains by features: of two workers each has one half of the pixels of all rows for its
//   own and one half of the weights, and only the chains and the deltas cross from one to the
//   other. Of more workers several share a chain by columns.
// The sums do not depend on which of these it is.
#pragma once

#include "nn/layer.h"

namespace mnist {

/// Its parameter holds Wᵀ, a row per input [inputs × outputs], and under it the bias as one more
/// row where there is one: so an input that is zero concerns one contiguous row.
class DenseLayer : public Layer {
 public:
  DenseLayer(std::size_t inputs, std::size_t outputs, bool bias);

  std::size_t inputs() const { return inputs_; }
  std::size_t outputs() const override { return parameter_.columns; }
  bool has_bias() const { return parameter_.rows > inputs_; }

  /// [inputs × outputs].
  Matrix weights() { return parameter_.matrix().row_range(0, inputs_); }
  ConstMatrix weights() const { return parameter_.matrix().row_range(0, inputs_); }
  /// [outputs], or nullptr.
  const float* bias() const { return has_bias() ? parameter_.matrix().row(inputs_) : nullptr; }

  bool reads_pixels() const override { return true; }
  bool sums_in_chains() const override;
  bool hands_gradient_on() const override;
  std::array<Block, 2> parameter_share(const LayerPass& pass, const Worker& worker) const override;
  bool shares_columns(const LayerPass& pass, const Worker& worker) const override;
  void forward(Worker& worker, const LayerPass& pass) const override;
  void backward(Worker& worker, const LayerPass& pass) const override;
  Parameter* parameter() override { return &parameter_; }
  void gradient(const Block& share, const LayerPass& pass, std::span<const float* const> companions,
                ZeroRows zeros, const GradientSink& sink) const override;
  std::vector<NamedParameter> named_parameters(const std::string& prefix) const override;
  void set_named_parameters(const std::vector<NamedParameter>& parameters) override;

 private:
  // What a worker computes of a result of so many columns.
  Block share(const Worker& worker, const LayerPass& pass, std::size_t columns) const;

  // The gradient over the worker's own rows, into pass.begun.
  void begin_gradient(const Worker& worker, const LayerPass& pass) const;
  void forward_in_chains(Worker& worker, const LayerPass& pass) const;
  // The columns of a chain that a worker computes.
  Range chain_columns(const Worker& worker, std::size_t chain) const;
  // z for these rows and columns, summed over these inputs; from the bias where they are the first.
  void sum(const LayerPass& pass, const Range& inputs, const Block& block, Matrix z) const;

  std::size_t inputs_;
  Parameter parameter_;
};

}  // namespace mnist
