// Batch normalisation: Ioffe and Szegedy, "Batch normalization: accelerating deep network training
// by reducing internal covariate shift", ICML 2015, with the formulas of torch.nn.BatchNorm1d.
// Sums over the batch add the rows in order, so the bits of a column do not depend on other
// columns.
#pragma once

#include "kernels/matrix.h"

namespace mnist::kernels {

constexpr float kBatchNormEpsilon = 1e-5F;

/// The coefficients for the columns of x, each [columns]:
/// y = (x - mean) / √(variance + ε) · weight + bias.
struct Normalization {
  const float* mean;
  const float* variance;
  const float* weight;
  const float* bias;
};

/// The means of the columns and their variances Σ (x - mean)² / rows, each [columns].
void column_moments(ConstMatrix x, float* mean, float* variance);

/// y from x, of the same shape; y may be the same memory as x.
void batch_norm_forward(const Normalization& n, ConstMatrix x, Matrix y);

/// ∂L/∂weight and ∂L/∂bias, each [columns] and summed over the rows.
void batch_norm_gradient(const Normalization& n, ConstMatrix x, ConstMatrix delta_y,
                         float* weight_gradient, float* bias_gradient);

/// ∂L/∂x from ∂L/∂y and the two gradients. `count` is the number of values per column that mean and
/// variance cover; x may be only a part of them. delta_x may be the same memory as delta_y.
void batch_norm_backward(const Normalization& n, const float* weight_gradient,
                         const float* bias_gradient, std::size_t count, ConstMatrix x,
                         ConstMatrix delta_y, Matrix delta_x);

}  // namespace mnist::kernels
