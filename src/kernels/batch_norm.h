// Batch normalisation: Ioffe and Szegedy, "Batch normalization: accelerating deep network training
// by reducing internal covariate shift", ICML 2015, with the formulas of torch.nn.BatchNorm1d.
// Sums over the batch run in the order of the rows, so a column's bits depend on nothing else.
#pragma once

#include "kernels/matrix.h"

namespace mnist::kernels {

constexpr float kBatchNormEpsilon = 1e-5F;

/// What normalises the columns of x, each [columns]:
/// y = (x - mean) / √(variance + ε) · weight + bias.
struct Normalization {
  const float* mean;
  const float* variance;
  const float* weight;
  const float* bias;
};

/// The columns' means and their variances Σ (x - mean)² / rows, each [columns].
void column_moments(ConstMatrix x, float* mean, float* variance);

/// y from x, of the same shape; y may be x itself.
void batch_norm_forward(const Normalization& n, ConstMatrix x, Matrix y);

/// ∂L/∂weight and ∂L/∂bias, each [columns] and summed over the rows.
void batch_norm_gradient(const Normalization& n, ConstMatrix x, ConstMatrix delta_y,
                         float* weight_gradient, float* bias_gradient);

/// ∂L/∂x where mean and variance are the moments of `count` values, x or more, from ∂L/∂y and the
/// two gradients; delta_x may be delta_y itself.
void batch_norm_backward(const Normalization& n, const float* weight_gradient,
                         const float* bias_gradient, std::size_t count, ConstMatrix x,
                         ConstMatrix delta_y, Matrix delta_x);

}  // namespace mnist::kernels
