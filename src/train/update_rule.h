// The update rules: which state each optimizer keeps, and how it turns a gradient into an update.
// Each rule is a file, and each optimizer a row of the table in update_rule.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "kernels/matrix.h"
#include "train/optimizer_settings.h"

namespace mnist {

/// Weights, their gradient and their state: arrays of one extent. An array that the rule does not
/// keep is nullptr.
struct UpdatePiece {
  float* weights;
  const float* gradient;  // summed over the batch
  float scale;            // 1 / rows of the batch
  float* momentum;        // moving average of the gradients or of the updates
  float* squares;         // moving average or sum of the squared gradients
  Extent extent;
};

class UpdateRule {
 public:
  virtual ~UpdateRule() = default;

  virtual bool keeps_momentum() const { return false; }
  virtual bool keeps_squares() const { return false; }
  /// Whether a weight changes if its gradient is zero.
  virtual bool moves_without_gradient() const { return true; }

  /// Sets what all pieces of update `t` (from 1) have in common.
  virtual void begin_step(float learning_rate, std::uint64_t t) = 0;

  /// Updates the weights and the state of a piece. Several threads call it at the same time.
  virtual void update(const UpdatePiece& piece) const = 0;
};

/// A row of the table. A field is empty if the optimizer does not use it.
struct OptimizerRow {
  std::string_view name;
  OptimizerKind kind;
  float learning_rate;
  std::optional<float> momentum, weight_decay, beta1, beta2, epsilon;
  std::unique_ptr<UpdateRule> (*make)(const OptimizerSettings& settings);  // after with_defaults()
};

/// All optimizers.
std::span<const OptimizerRow> optimizer_rows();
const OptimizerRow& optimizer_row(OptimizerKind kind);

std::unique_ptr<UpdateRule> make_sgd(const OptimizerSettings& settings);
std::unique_ptr<UpdateRule> make_momentum(const OptimizerSettings& settings);
std::unique_ptr<UpdateRule> make_rmsprop(const OptimizerSettings& settings);
std::unique_ptr<UpdateRule> make_adagrad(const OptimizerSettings& settings);
std::unique_ptr<UpdateRule> make_adam(const OptimizerSettings& settings);

}  // namespace mnist
