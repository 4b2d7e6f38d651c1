// A fully connected layer: z = W a + b.
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
  bool shares_columns(const LayerPass& pass, const Worker& worker) const override;
  void forward(Worker& worker, const LayerPass& pass) const override;
  void backward(Worker& worker, const LayerPass& pass) const override;
  Parameter* parameter() override { return &parameter_; }
  void gradient(const Block& share, const LayerPass& pass, std::span<const float* const> companions,
                const GradientSink& sink) const override;
  std::vector<NamedParameter> named_parameters(const std::string& prefix) const override;
  void set_named_parameters(const std::vector<NamedParameter>& parameters) override;

 private:
  // What a worker computes of a result of so many columns.
  Block share(const Worker& worker, const LayerPass& pass, std::size_t columns) const;

  std::size_t inputs_;
  Parameter parameter_;
};

}  // namespace mnist
