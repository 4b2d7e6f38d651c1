// Notices a network that does not learn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "kernels/matrix.h"
#include "nn/layer.h"
#include "nn/loss.h"

namespace mnist {

/// What a CollapseWatch has seen: how long a network's outputs have been alike for every row.
struct CollapseState {
  std::vector<float> first_row;  // what all rows were like, last
  std::size_t since = 0;         // this step, 1-based,
  std::size_t checks = 0;        // at so many checks; 0: they were not
};

class CollapseWatch {
 public:
  /// The settings are named in the messages as the likely cause.
  CollapseWatch(float learning_rate, LayerKind output_activation);

  const CollapseState& state() const { return state_; }
  void set_state(CollapseState state) { state_ = std::move(state); }

  /// Looks at a batch's mean loss, probabilities and labels. Throws Error(kDiverged) that names the
  /// step (1-based) and the likely cause: a loss that is not finite, or outputs that have been
  /// alike for every row of a batch at many steps. They may change from batch to batch, as output
  /// biases go on learning; those of a batch of one class, which a good network may well find
  /// alike, must be those of the batch before.
  void check(std::size_t step, float loss, ConstMatrix probabilities,
             std::span<const std::int32_t> labels);

  /// Looks at what training ends with after that step: the weights, and the mean loss of some rows.
  /// Throws Error(kDiverged) where either is not finite.
  void check_end(std::size_t step, std::span<const NamedParameter> parameters, double loss) const;

 private:
  [[noreturn]] void collapse(const std::string& what, const std::string& cause) const;
  std::string too_high() const;

  float learning_rate_;
  LayerKind output_activation_;
  CollapseState state_;
};

}  // namespace mnist
