#include "nn/loss.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "kernels/activation.h"
#include "kernels/softmax.h"

namespace mnist {

Loss::Loss(const LossSettings& settings, LayerKind output_activation)
    : settings_(settings), output_activation_(output_activation) {
  const bool probabilities =
      output_activation == LayerKind::kSoftmax || output_activation == LayerKind::kArticleSoftmax;
  if (settings.kind == LossKind::kCrossEntropy && !probabilities) {
    refuse("cross-entropy needs probabilities; end the layers in softmax or use the loss mse");
  }
  if (settings.output_delta == OutputDelta::kArticle &&
      (settings.kind != LossKind::kCrossEntropy || settings.label_smoothing != 0)) {
    refuse("the article's output delta goes with plain cross-entropy; use the exact one");
  }
  if (!(settings.label_smoothing >= 0 && settings.label_smoothing < 1)) {
    refuse("label smoothing lies between 0 and 1 (1 excluded)");
  }
}

void Loss::forward(Matrix z, const std::int32_t* labels, float* row_losses, Matrix delta) const {
  // A copy of z, which the activation overwrites; the loss and its derivative need it.
  static thread_local std::vector<float> values;  // with the stride of z
  static thread_local std::vector<float> log_sums;
  const std::size_t classes = z.columns;
  const bool with_losses = labels != nullptr && row_losses != nullptr;
  if (with_losses) {
    values.assign(z.data, z.data + (z.empty() ? 0 : (z.rows - 1) * z.stride + classes));
  }
  log_sums.resize(z.rows);
  switch (output_activation_) {
    case LayerKind::kArticleSoftmax:
      kernels::article_softmax(z, z, log_sums.data());
      break;
    case LayerKind::kSoftmax:
      kernels::softmax(z, z, log_sums.data());
      break;
    default:
      kernels::activation_forward(kernels::Activation::kSigmoid, z, z);
  }
  if (!with_losses) return;
  for (std::size_t r = 0; r < z.rows; ++r) {
    const float* row = &values[r * z.stride];
    row_losses[r] = row_loss(row, z.row(r), log_sums[r], labels[r], classes);
    if (delta.data != nullptr) row_delta(row, z.row(r), labels[r], classes, delta.row(r));
    if (settings_.class_weights.empty()) continue;
    const float weight = settings_.class_weights[static_cast<std::size_t>(labels[r])];
    row_losses[r] *= weight;
    if (delta.data == nullptr) continue;
    for (std::size_t k = 0; k < classes; ++k) delta.row(r)[k] *= weight;
  }
}

float Loss::row_loss(const float* z, const float* p, float log_sum, std::int32_t label,
                     std::size_t classes) const {
  const float smoothing = settings_.label_smoothing;
  const float off_target = smoothing / static_cast<float>(classes);
  const float on_target = 1 - smoothing + off_target;
  const auto target = static_cast<std::size_t>(label);
  float loss = 0;
  if (settings_.kind == LossKind::kMeanSquaredError) {
    for (std::size_t k = 0; k < classes; ++k) {
      const float difference = p[k] - (k == target ? on_target : off_target);
      loss += difference * difference;
    }
    return loss / static_cast<float>(classes);
  }
  const bool bounded = output_activation_ == LayerKind::kArticleSoftmax;
  const auto log_p = [&](std::size_t k) {
    return (bounded ? std::clamp(z[k], -kernels::kArticleBound, kernels::kArticleBound) : z[k]) -
           log_sum;
  };
  if (smoothing == 0) return -log_p(target);
  for (std::size_t k = 0; k < classes; ++k) {
    loss -= (k == target ? on_target : off_target) * log_p(k);
  }
  return loss;
}

void Loss::row_delta(const float* z, const float* p, std::int32_t label, std::size_t classes,
                     float* delta) const {
  const float off_target = settings_.label_smoothing / static_cast<float>(classes);
  const float on_target = 1 - settings_.label_smoothing + off_target;
  for (std::size_t k = 0; k < classes; ++k) delta[k] = p[k] - off_target;
  delta[label] = p[label] - on_target;
  if (settings_.kind == LossKind::kMeanSquaredError) {
    // g = ∂L/∂p, then through the Jacobian of p: for a softmax p ⊙ (g - g·p), which also holds with
    // a constant added to its denominator; for the sigmoid g ⊙ p(1 - p).
    float dot = 0;
    for (std::size_t k = 0; k < classes; ++k) {
      delta[k] *= 2 / static_cast<float>(classes);
      dot += delta[k] * p[k];
    }
    const bool sigmoid = output_activation_ == LayerKind::kSigmoid;
    for (std::size_t k = 0; k < classes; ++k) {
      delta[k] = sigmoid ? delta[k] * p[k] * (1 - p[k]) : p[k] * (delta[k] - dot);
    }
  }
  if (settings_.output_delta == OutputDelta::kArticle) {
    for (std::size_t k = 0; k < classes; ++k) delta[k] *= p[k] * (1 - p[k]);
  } else if (output_activation_ == LayerKind::kArticleSoftmax) {
    // The output does not depend on a z beyond the bounds.
    for (std::size_t k = 0; k < classes; ++k) {
      if (std::abs(z[k]) > kernels::kArticleBound) delta[k] = 0;
    }
  }
}

}  // namespace mnist
