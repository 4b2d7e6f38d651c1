// The update rules of the optimizers, with the formulas of PyTorch 1.13 (torch.optim). Parameters
// w, their gradients g and the states of a rule are arrays of one extent. The bits of a parameter
// do not depend on how the parameters are divided into calls. States that decay are flushed to 0
// when they would become subnormal, because subnormal arithmetic is slow.
#pragma once

#include <cstddef>

#include "kernels/matrix.h"

namespace mnist::kernels {

/// w ← w - rate · (scale · g + decay · w).
void sgd_update(float* w, const float* g, Extent extent, float scale, float rate, float decay);

/// d = scale · g + decay · w; v ← momentum · v + d; w ← w - rate · v, or with `nesterov`
/// w ← w - rate · (d + momentum · v). Starting with v = 0 equals PyTorch, whose buffer starts as
/// the first gradient.
void momentum_update(float* w, float* v, const float* g, Extent extent, float scale, float rate,
                     float decay, float momentum, bool nesterov);

/// d = scale · g + decay · w; s ← alpha · s + (1 - alpha) · d²; u = d / (√s + epsilon);
/// v ← momentum · v + u; w ← w - rate · v. `v` may be nullptr if momentum is 0.
void rmsprop_update(float* w, float* s, float* v, const float* g, Extent extent, float scale,
                    float rate, float decay, float alpha, float epsilon, float momentum);

/// d = scale · g + decay · w; s ← s + d²; w ← w - rate · d / (√s + epsilon).
void adagrad_update(float* w, float* s, const float* g, Extent extent, float scale, float rate,
                    float decay, float epsilon);

struct AdamStep {
  float rate;  // α / (1 - β1^t), t = 1 at the first step
  float beta1;
  float beta2;
  float epsilon;
  float root_correction;  // √(1 - β2^t), for β2 as a float
  float decay;            // added to the gradient (adam)
  float decoupled;        // factor on w before the update: 1 - α · decay (adamw), else 1
};

/// w ← decoupled · w; d = scale · g + decay · w; m ← β1 m + (1 - β1) d; v ← β2 v + (1 - β2) d²;
/// w ← w - rate · m / (√v / root_correction + epsilon). Kingma and Ba 2015; Loshchilov and Hutter
/// 2019.
void adam_update(float* w, float* m, float* v, const float* g, Extent extent, float scale,
                 const AdamStep& step);

/// average ← average + share · (x - average).
void move_average(float* average, const float* x, Extent extent, float share);

/// Σ x², summed in a fixed order that does not depend on the vector width.
double sum_of_squares(const float* x, std::size_t n);

}  // namespace mnist::kernels
