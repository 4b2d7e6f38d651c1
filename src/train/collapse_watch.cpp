#include "train/collapse_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/error.h"

namespace mnist {

namespace {

// A network counts as collapsed if all rows of the batch have the same probabilities at kChecks
// checks in a row. In a healthy network even similar images differ by far more than the tolerance.
constexpr std::size_t kCheckEvery = 50;
constexpr std::size_t kChecks = 10;
constexpr float kTolerance = 1e-6F;

}  // namespace

CollapseWatch::CollapseWatch(float learning_rate, LayerKind output_activation)
    : learning_rate_(learning_rate), output_activation_(output_activation) {}

void CollapseWatch::check(std::size_t step, float loss, ConstMatrix probabilities,
                          std::span<const std::int32_t> labels) {
  if (!std::isfinite(loss)) {
    collapse(fmt::format("the loss is {} at step {}", loss, step), too_high());
  }
  if (step % kCheckEvery != 0) return;
  if (state_.checks == 0) state_.since = step;
  const bool one_class = std::ranges::adjacent_find(labels, std::not_equal_to()) == labels.end();
  if (state_.checks == 0 || !one_class) {
    state_.first_row.assign(probabilities.row(0), probabilities.row(0) + probabilities.columns);
  }
  for (std::size_t r = 0; r < probabilities.rows; ++r) {
    for (std::size_t k = 0; k < probabilities.columns; ++k) {
      if (std::abs(probabilities.row(r)[k] - state_.first_row[k]) > kTolerance) {
        state_.checks = 0;
        return;
      }
    }
  }
  if (++state_.checks < kChecks) return;
  collapse(fmt::format("at step {} its outputs have been the same for every image since step {} "
                       "(loss {:.4f})",
                       step, state_.since, loss),
           fmt::format("units are dead or saturated at the learning rate of {}, try a tenth of it",
                       learning_rate_));
}

void CollapseWatch::check_end(std::size_t step, std::span<const NamedParameter> parameters,
                              double loss) const {
  for (const NamedParameter& parameter : parameters) {
    for (const float value : parameter.values) {
      if (std::isfinite(value)) continue;
      collapse(fmt::format("{} holds {} after step {}, the last one", parameter.name, value, step),
               too_high());
    }
  }
  if (!std::isfinite(loss)) {
    collapse(fmt::format("the loss is {} after step {}, the last one", loss, step), too_high());
  }
}

std::string CollapseWatch::too_high() const {
  return fmt::format(
      "the learning rate of {} is likely too high, try a tenth of it or a clip norm of 1",
      learning_rate_);
}

void CollapseWatch::collapse(const std::string& what, const std::string& cause) const {
  throw Error(ExitCode::kDiverged,
              fmt::format("the network collapsed: {}; {}", what,
                          output_activation_ == LayerKind::kArticleSoftmax
                              ? "article-softmax bounds its input to ±5, past which the loss no "
                                "longer sees the weights grow; end the layers in softmax"
                              : cause));
}

}  // namespace mnist
