#include "nn/loss.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "kernels/activation.h"
#include "kernels/softmax.h"

namespace mnist {

namespace {

constexpr float kArticleBound = 5;

}  // namespace

Loss::Loss(const LossSettings& settings, LayerKind output_activation)
    : settings_(settings), output_activation_(output_activation) {
  const bool probabilities =
      output_activation == LayerKind::kSoftmax || output_activation == LayerKind::kArticleSoftmax;
  if (settings.kind == LossKind::kCrossEntropy && !probabilities) {
    throw Error(ExitCode::kUsage,
                "cross-entropy needs probabilities; end the layers in softmax or use the loss mse");
  }
  if (settings.output_delta == OutputDelta::kArticle &&
      (settings.kind != LossKind::kCrossEntropy || settings.label_smoothing != 0)) {
    throw Error(ExitCode::kUsage,
                "the article's output delta goes with plain cross-entropy; use the exact one");
  }
  if (!(settings.label_smoothing >= 0 && settings.label_smoothing < 1)) {
    throw Error(ExitCode::kUsage, "label smoothing lies between 0 and 1 (1 excluded)");
  }
}

void Loss::forward(Matrix z, const std::int32_t* labels, float* row_losses, Matrix delta) const {
  const std::size_t classes = z.columns;
  const float smoothing = settings_.label_smoothing;
  const float off_target = smoothing / static_cast<float>(classes);
  const float on_target = 1 - smoothing + off_target;
  const bool bounded = output_activation_ == LayerKind::kArticleSoftmax;
  std::vector<float> row(classes);
  for (std::size_t r = 0; r < z.rows; ++r) {
    float* p = z.row(r);
    std::copy_n(p, classes, row.data());
    float log_sum = 0;
    const Matrix one_row = z.row_range(r, r + 1);
    if (bounded) {
      kernels::article_softmax(one_row, one_row, &log_sum);
    } else if (output_activation_ == LayerKind::kSoftmax) {
      kernels::softmax(one_row, one_row, &log_sum);
    } else {
      kernels::activation_forward(kernels::Activation::kSigmoid, one_row, one_row);
    }
    if (labels == nullptr || row_losses == nullptr) continue;
    const auto label = static_cast<std::size_t>(labels[r]);
    float loss = 0;
    for (std::size_t k = 0; k < classes; ++k) {
      const float y = k == label ? on_target : off_target;
      if (settings_.kind == LossKind::kMeanSquaredError) {
        loss += (p[k] - y) * (p[k] - y) / static_cast<float>(classes);
      } else if (y != 0) {
        const float value = bounded ? std::clamp(row[k], -kArticleBound, kArticleBound) : row[k];
        loss += y * (log_sum - value);
      }
    }
    row_losses[r] = loss;
    if (delta.data != nullptr) row_delta(row.data(), p, labels[r], classes, delta.row(r));
  }
}

void Loss::row_delta(const float* z, const float* p, std::int32_t label, std::size_t classes,
                     float* delta) const {
  const float off_target = settings_.label_smoothing / static_cast<float>(classes);
  const float on_target = 1 - settings_.label_smoothing + off_target;
  for (std::size_t k = 0; k < classes; ++k) {
    delta[k] = p[k] - (k == static_cast<std::size_t>(label) ? on_target : off_target);
  }
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
    // Where z is beyond its bounds, the output does not depend on it.
    for (std::size_t k = 0; k < classes; ++k) {
      if (std::abs(z[k]) > kArticleBound) delta[k] = 0;
    }
  }
}

}  // namespace mnist
