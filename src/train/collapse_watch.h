// Notices a network that does not learn.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "kernels/matrix.h"
#include "nn/loss.h"

namespace mnist {

class CollapseWatch {
 public:
  /// The settings are named in the messages as the likely cause.
  CollapseWatch(float learning_rate, LayerKind output_activation);

  /// Looks at a batch's mean loss and probabilities. Throws Error(kDiverged) that names the step
  /// (1-based) and the likely cause: a loss that is not finite, or outputs that have been alike
  /// for every row over many steps.
  void check(std::size_t step, float loss, ConstMatrix probabilities);

 private:
  [[noreturn]] void collapse(const std::string& what, const std::string& cause) const;

  float learning_rate_;
  LayerKind output_activation_;
  std::vector<float> first_row_;  // what all rows have been like since `alike_since_`
  std::size_t alike_since_ = 0;
  std::size_t alike_checks_ = 0;
};

}  // namespace mnist
