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

  void forward(Worker& worker, ConstMatrix input, Matrix output) const override;
  void backward(Worker& worker, ConstMatrix input, ConstMatrix output, ConstMatrix output_delta,
                Matrix input_delta) const override;
  Parameter* parameter() override { return &parameter_; }
  void gradient(Range range, ConstMatrix input, ConstMatrix output_delta,
                Matrix gradient) const override;

  /// The same for a first layer, whose input is the pixels of a batch.
  void forward_pixels(Worker& worker, const kernels::PixelBatch& input, Matrix output) const;
  void gradient_pixels(Range range, const kernels::PixelBatch& input, ConstMatrix output_delta,
                       Matrix gradient) const;

  std::vector<NamedParameter> named_parameters(const std::string& prefix) const override;
  void set_named_parameters(const std::vector<NamedParameter>& parameters) override;

 private:
  // The part of a gradient's rows that belongs to the bias: the sums of output_delta's columns.
  void bias_gradient(Range range, ConstMatrix output_delta, Matrix gradient) const;

  std::size_t inputs_;
  Parameter parameter_;
};

}  // namespace mnist
