// Detects a network that has diverged, or collapsed to the same output for every image.
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

/// How long the outputs of a network have been the same for every row.
struct CollapseState {
  std::vector<float> first_row;  // the outputs of all rows at the last check
  std::size_t since = 0;         // the step, 1-based, of the first such check
  std::size_t checks = 0;        // the number of such checks in a row
};

class CollapseWatch {
 public:
  /// Messages name these settings as the likely cause.
  CollapseWatch(float learning_rate, LayerKind output_activation);

  const CollapseState& state() const { return state_; }
  void set_state(CollapseState state) { state_ = std::move(state); }

  /// Checks a batch: its mean loss, probabilities and labels. Throws Error(kDiverged), naming the
  /// step (1-based) and the likely cause, if the loss is not finite, or if the outputs have been
  /// the same for every row within each of the last batches checked. They may differ between
  /// batches, because the output biases still learn. A batch of a single class counts only if its
  /// outputs also equal those of the batch before, since a good network may give such rows equal
  /// outputs.
  void check(std::size_t step, float loss, ConstMatrix probabilities,
             std::span<const std::int32_t> labels);

  /// Checks the final weights and the mean loss of some rows after the last step. Throws
  /// Error(kDiverged) if either is not finite.
  void check_end(std::size_t step, std::span<const NamedParameter> parameters, double loss) const;

 private:
  [[noreturn]] void collapse(const std::string& what, const std::string& cause) const;
  std::string too_high() const;

  float learning_rate_;
  LayerKind output_activation_;
  CollapseState state_;
};

}  // namespace mnist
