// The loss, and its derivative at the network's output.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/matrix.h"
#include "nn/layer_list.h"

namespace mnist {

enum class LossKind {
  kCrossEntropy,      // -Σ y_k ln p_k
  kMeanSquaredError,  // Σ (p_k - y_k)² / classes, as torch.nn.MSELoss
};

enum class OutputDelta {
  kExact,    // ∂L/∂z
  kArticle,  // (p - y) ⊙ p(1 - p), the article's printed code
};

struct LossSettings {
  LossKind kind = LossKind::kCrossEntropy;
  float label_smoothing = 0;  // in [0, 1): y = (1 - s) · onehot + s / classes
  OutputDelta output_delta = OutputDelta::kExact;
  std::vector<float> class_weights;  // factors on L and ∂L/∂z of each class's rows; empty: all 1
};

/// A loss on top of a network's output activation.
class Loss {
 public:
  /// Throws Error(kUsage) for a combination that is not supported, e.g. cross-entropy with sigmoid.
  Loss(const LossSettings& settings, LayerKind output_activation);

  /// Turns the last layer's values `z` [rows × classes] into probabilities p, in place. If labels
  /// (0 .. classes - 1) and `row_losses` are given, also computes the loss of each row and, if
  /// `delta` [rows × classes] has data, ∂L/∂z of each row's loss.
  void forward(Matrix z, const std::int32_t* labels, float* row_losses, Matrix delta = {}) const;

 private:
  float row_loss(const float* z, const float* p, float log_sum, std::int32_t label,
                 std::size_t classes) const;
  void row_delta(const float* z, const float* p, std::int32_t label, std::size_t classes,
                 float* delta) const;

  LossSettings settings_;
  LayerKind output_activation_;
};

}  // namespace mnist
