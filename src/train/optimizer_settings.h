// Settings of the optimizer.
#pragma once

#include <optional>

namespace mnist {

enum class OptimizerKind { kSgd, kMomentum, kNesterov, kRmsprop, kAdagrad, kAdam, kAdamw };

/// An empty value stands for the optimizer's default, see `with_defaults`.
struct OptimizerSettings {
  OptimizerKind kind = OptimizerKind::kAdamw;
  std::optional<float> learning_rate;
  std::optional<float> momentum;      // momentum, nesterov: 0.9; rmsprop: 0
  std::optional<float> weight_decay;  // adamw: 0.01 (decoupled); others: 0 (added to the gradient)
  std::optional<float> beta1;         // adam, adamw: 0.9
  std::optional<float> beta2;         // adam, adamw: 0.999; rmsprop (PyTorch's alpha): 0.99
  std::optional<float> epsilon;       // 1e-8; adagrad: 1e-10
  std::optional<float> clip_norm;     // largest L2 norm of the whole gradient; empty: no clipping
  std::optional<float> max_norm;      // largest L2 norm of a hidden unit's weights without the bias
  double ema = 0;                     // decay of the weights' moving average; 0: no average
};

/// The settings with the optimizer's defaults filled in; the two norms may stay empty. Throws
/// Error(kUsage) for a value out of range, or one that the optimizer does not use.
OptimizerSettings with_defaults(const OptimizerSettings& settings);

}  // namespace mnist
