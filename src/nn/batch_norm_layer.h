// Batch normalisation (Ioffe and Szegedy 2015), like torch.nn.BatchNorm1d, or BatchNorm2d for
// planes. It normalises each channel to mean 0 and variance 1, in training with the moments of the
// batch, in prediction with their running averages; then it scales and shifts the values.
#pragma once

#include "nn/layer.h"

namespace mnist {

class BatchNormLayer : public Layer {
 public:
  explicit BatchNormLayer(const Shape& shape);

  bool mixes_rows() const override { return true; }
  bool shares_columns(const LayerPass& pass) const override { return pass.training; }
  std::unique_ptr<Workspace> workspace(const WorkspacePlan& plan) const override;

  void forward(Worker& worker, const LayerPass& pass) const override;
  void backward(Worker& worker, const LayerPass& pass) const override;
  Parameter* parameter() override { return &parameter_; }
  void gradient(const Block& share, const LayerPass& pass, std::span<const float* const> companions,
                ZeroRows zeros, const GradientSink& sink) const override;
  Parameter* tracked() override { return &running_; }
  /// As in PyTorch with a momentum of 0.1; the running variance is the unbiased estimate.
  void track(const Range& columns, const LayerPass& pass) override;
  std::vector<NamedParameter> named_parameters(const std::string& prefix) const override;
  void set_named_parameters(const std::vector<NamedParameter>& parameters) override;

 private:
  bool has_planes() const { return outputs() > parameter_.columns; }
  // The number of values per channel in a batch.
  std::size_t values_per_channel(std::size_t rows) const {
    return rows * (outputs() / parameter_.columns);
  }
  void measure(const LayerPass& pass, const Range& channels) const;
  void measure_gradient(const LayerPass& pass, const Range& channels) const;

  Parameter parameter_;  // weight and bias, a row each
  Parameter running_;    // mean and variance
};

/// Batch normalisation in prediction as an affine map: value · factor + offset.
struct Affine {
  double factor;
  double offset;
};

/// The affine map of channel `c`, from the layer's named_parameters().
Affine batch_norm_affine(const std::vector<NamedParameter>& parameters, std::size_t c);

}  // namespace mnist
