// Batch normalisation: in training each value is brought to mean 0 and variance 1 over the batch,
// in prediction by the running mean and variance of training, then scaled and shifted. Ioffe and
// Szegedy 2015, as torch.nn.BatchNorm1d.
#pragma once

#include "nn/layer.h"

namespace mnist {

class BatchNormLayer : public Layer {
 public:
  explicit BatchNormLayer(std::size_t width);

  std::size_t outputs() const override { return parameter_.columns; }

  bool mixes_rows() const override { return true; }
  std::size_t statistics_rows() const override { return kStatistics; }

  void forward(Worker& worker, const LayerPass& pass) const override;
  void backward(Worker& worker, const LayerPass& pass) const override;
  Parameter* parameter() override { return &parameter_; }
  void gradient(const Block& share, const LayerPass& pass, std::span<const float* const> companions,
                ZeroRows zeros, const GradientSink& sink) const override;
  Parameter* tracked() override { return &running_; }
  /// As PyTorch with its momentum of 0.1; the variance is the unbiased one.
  void track(const Range& columns, const LayerPass& pass) override;
  std::vector<NamedParameter> named_parameters(const std::string& prefix) const override;
  void set_named_parameters(const std::vector<NamedParameter>& parameters) override;

  /// What the layer does to a value in prediction: value · factor + offset.
  struct Affine {
    double factor;
    double offset;
  };
  Affine affine(std::size_t column) const;

 private:
  // Rows of a pass's statistics; the gradients lie in the order of the parameter's rows.
  enum Statistic : std::size_t { kMean, kVariance, kWeightGradient, kBiasGradient, kStatistics };

  Parameter parameter_;  // weight and bias, a row each
  Parameter running_;    // mean and variance
};

}  // namespace mnist
