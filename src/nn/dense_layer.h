// A fully connected layer: z = W a + b. Each sum starts with b and adds the inputs in order. In a
// narrow first layer it is the sum of two partial sums ("chains" below): b plus the first half of
// the inputs, and the second half.
#pragma once

#include "nn/dense_sharing.h"
#include "nn/layer.h"

namespace mnist {

/// The parameter is Wᵀ [inputs × outputs], a row per input, followed by the bias, if any, as one
/// more row. So the weights of an input are contiguous, and a zero input can be skipped.
class DenseLayer : public Layer {
 public:
  /// `input` is the shape of the layer's input, which it flattens. `first`: the layer reads the
  /// network's input.
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
  /// Files order the inputs channel by channel.
  std::vector<NamedParameter> named_parameters(const std::string& prefix) const override;
  void set_named_parameters(const std::vector<NamedParameter>& parameters) override;

 private:
  bool has_bias() const { return parameter_.rows > inputs_; }
  Matrix weights() { return parameter_.matrix().row_range(0, inputs_); }
  ConstMatrix weights() const { return parameter_.matrix().row_range(0, inputs_); }
  // [outputs], or nullptr.
  const float* bias() const { return has_bias() ? parameter_.matrix().row(inputs_) : nullptr; }
  // The row of the weights for input i in the order of files, channel by channel.
  std::size_t row_of(std::size_t i) const;

  DenseWork work(const LayerPass& pass) const;
  // The block that a worker computes of a result with this number of columns.
  Block share(const Worker& worker, const LayerPass& pass, std::size_t columns) const;

  void forward_in_chains(Worker& worker, const LayerPass& pass, bool by_features) const;
  // The columns of a partial sum that a worker computes.
  Range chain_columns(const Worker& worker, std::size_t chain) const;
  // Computes z for these rows and columns, summed over these inputs. The first inputs start from
  // the bias.
  void sum(const LayerPass& pass, const Range& inputs, const Block& block, Matrix z) const;
  // Sums the gradient over the worker's own rows; the other worker adds its rows to it.
  void begin_relay(const LayerPass& pass, Matrix partial) const;

  Shape input_shape_;
  std::size_t inputs_;
  bool first_;
  bool two_chains_;
  Parameter parameter_;
};

}  // namespace mnist
