// The optimizers: what each keeps of a parameter, and how it turns a gradient into an update. Each
// is a file and a row of the table in update_rule.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "kernels/matrix.h"
#include "train/optimizer_settings.h"

namespace mnist {

/// Weights, their gradient and what the rule keeps of them: arrays of one extent. What a rule does
/// not keep is nullptr.
struct UpdatePiece {
  float* weights;
  const float* gradient;  // summed over the batch
  float scale;            // 1 / rows of the batch
  float* momentum;        // moving average of the gradients or of the updates
  float* squares;         // of the squared gradients: a moving average or a sum
  Extent extent;
};

class UpdateRule {
 public:
  virtual ~UpdateRule() = default;

  virtual bool keeps_momentum() const { return false; }
  virtual bool keeps_squares() const { return false; }
  /// Whether weights change where their gradient is zero.
  virtual bool moves_without_gradient() const { return true; }

  /// What all pieces of the update `t`, 1 the first, have in common.
  virtual void begin_step(float learning_rate, std::uint64_t t) = 0;

  /// Updates the weights of a piece and what is kept of them. Called by several threads.
  virtual void update(const UpdatePiece& piece) const = 0;
};

/// A row of the table: a field without a value is one that the optimizer does not use.
struct OptimizerRow {
  std::string_view name;
  OptimizerKind kind;
  float learning_rate;
  std::optional<float> momentum, weight_decay, beta1, beta2, epsilon;
  std::unique_ptr<UpdateRule> (*make)(const OptimizerSettings& settings);  // with every default
};

/// All of them.
std::span<const OptimizerRow> optimizer_rows();
const OptimizerRow& optimizer_row(OptimizerKind kind);

std::unique_ptr<UpdateRule> make_sgd(const OptimizerSettings& settings);
std::unique_ptr<UpdateRule> make_momentum(const OptimizerSettings& settings);
std::unique_ptr<UpdateRule> make_rmsprop(const OptimizerSettings& settings);
std::unique_ptr<UpdateRule> make_adagrad(const OptimizerSettings& settings);
std::unique_ptr<UpdateRule> make_adam(const OptimizerSettings& settings);

}  // namespace mnist
