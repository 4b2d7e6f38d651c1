#include "nn/loss.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "catch.h"

namespace mnist {
namespace {

constexpr std::size_t kLossClasses = 3;
using Row = std::array<float, kLossClasses>;

struct Result {
  float loss;
  Row delta;
};

Result loss_of(const Loss& loss, Row z, std::int32_t label) {
  Result result{};
  const Matrix values{z.data(), 1, kLossClasses, kLossClasses};
  loss.forward(values, &label, &result.loss, {result.delta.data(), 1, kLossClasses, kLossClasses});
  return result;
}

TEST_CASE("nn: class weights scale a row's loss and its derivative") {
  const auto [kind, smoothing, output] = GENERATE(table<LossKind, float, LayerKind>(
      {{LossKind::kCrossEntropy, 0.0F, LayerKind::kSoftmax},
       {LossKind::kCrossEntropy, 0.2F, LayerKind::kSoftmax},
       {LossKind::kMeanSquaredError, 0.0F, LayerKind::kSoftmax},
       {LossKind::kMeanSquaredError, 0.1F, LayerKind::kSigmoid}}));
  LossSettings settings{kind, smoothing, OutputDelta::kExact, {}};
  const Loss plain(settings, output);
  settings.class_weights = {1, 2.5F, 0.25F};
  const Loss weighted(settings, output);
  const Row z{0.4F, -1.2F, 0.9F};
  for (std::int32_t label = 0; label < static_cast<std::int32_t>(kLossClasses); ++label) {
    const float weight = settings.class_weights[static_cast<std::size_t>(label)];
    const Result one = loss_of(plain, z, label);
    const Result more = loss_of(weighted, z, label);
    CHECK(more.loss == weight * one.loss);
    for (std::size_t k = 0; k < kLossClasses; ++k) {
      CHECK(more.delta[k] == weight * one.delta[k]);
      constexpr float kSmall = 1e-2F;
      Row up = z;
      Row down = z;
      up[k] += kSmall;
      down[k] -= kSmall;
      const float slope =
          (loss_of(weighted, up, label).loss - loss_of(weighted, down, label).loss) / (2 * kSmall);
      CHECK(std::abs(more.delta[k] - slope) < 1e-3F);
    }
  }
}

}  // namespace
}  // namespace mnist
