// Elementwise activation functions and their derivatives.
#pragma once

#include "kernels/matrix.h"

namespace mnist::kernels {

enum class Activation {
  kRelu,
  kLeakyRelu,  // slope 0.01 below 0, like torch.nn.LeakyReLU
  kSigmoid,
  kTanh,
  kGelu,  // x · Φ(x) with the exact error function, like torch.nn.GELU
};

/// a = σ(z), of the same shape; a may be the same memory as z.
void activation_forward(Activation activation, ConstMatrix z, Matrix a);

/// delta_z = delta_a ⊙ σ'(z), given z and a = σ(z). delta_z may be the same memory as delta_a, and,
/// except for gelu, z the same as a.
void activation_backward(Activation activation, ConstMatrix z, ConstMatrix a, ConstMatrix delta_a,
                         Matrix delta_z);

}  // namespace mnist::kernels
