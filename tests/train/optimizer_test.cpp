#include "train/optimizer.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "catch.h"

namespace mnist {
namespace {

OptimizerSettings of_kind(OptimizerKind kind) {
  OptimizerSettings settings;
  settings.kind = kind;
  return settings;
}

TEST_CASE("train: optimizers have PyTorch's defaults") {
  const OptimizerSettings adamw = with_defaults(of_kind(OptimizerKind::kAdamw));
  CHECK(adamw.beta1 == 0.9F);
  CHECK(adamw.beta2 == 0.999F);
  CHECK(adamw.epsilon == 1e-8F);
  CHECK(adamw.weight_decay == 0.01F);
  CHECK_FALSE(adamw.momentum);
  CHECK(with_defaults(of_kind(OptimizerKind::kAdagrad)).epsilon == 1e-10F);
  CHECK(with_defaults(of_kind(OptimizerKind::kRmsprop)).beta2 == 0.99F);
  CHECK(with_defaults(of_kind(OptimizerKind::kMomentum)).momentum == 0.9F);
}

TEST_CASE("train: settings out of range or without use are refused") {
  const auto refused = [](const OptimizerSettings& settings) {
    try {
      with_defaults(settings);
      return false;
    } catch (const Error& error) {
      return error.code() == ExitCode::kUsage;
    }
  };
  OptimizerSettings settings = of_kind(OptimizerKind::kSgd);
  settings.momentum = 0.9F;
  CHECK(refused(settings));
  settings = of_kind(OptimizerKind::kAdam);
  settings.beta1 = 1.0F;
  CHECK(refused(settings));
  settings = of_kind(OptimizerKind::kAdam);
  settings.learning_rate = -0.1F;
  CHECK(refused(settings));
  settings = of_kind(OptimizerKind::kAdam);
  settings.learning_rate = NAN;
  CHECK(refused(settings));
  settings = of_kind(OptimizerKind::kSgd);
  settings.clip_norm = 0.0F;
  CHECK(refused(settings));
  for (const double ema : {-0.1, 1.0, double{NAN}}) {
    settings = of_kind(OptimizerKind::kSgd);
    settings.ema = ema;
    CHECK(refused(settings));
  }
}

// The parameters of a small network, and what one step of plain gradient descent makes of them.
struct Step {
  std::vector<NamedParameter> before, after;
};

Step make_step(std::optional<float> clip_norm, std::optional<float> max_norm, std::size_t threads) {
  Network network(parse_layer_list("4,6,tanh,3,softmax"), true);
  network.initialize(Initializer::kHe, 3);
  OptimizerSettings settings = of_kind(OptimizerKind::kSgd);
  settings.clip_norm = clip_norm;
  settings.max_norm = max_norm;
  Optimizer optimizer(settings, network);
  Pass pass(network, 2, Pass::Kind::kTraining);
  Step step{network.parameters(), {}};
  const std::vector<std::uint8_t> pixels{20, 230, 100, 50, 200, 20, 120, 180};
  ThreadPool pool(threads);
  optimizer.begin_step(1.0F);
  pool.run([&](Worker& worker) {
    pass.input().load(worker, 2, [&](std::size_t r) { return pixels.data() + r * 4; });
    worker.barrier();
    network.forward(worker, pass);
    const Range share = row_share(worker, 2);
    for (std::size_t r = share.begin; r < share.end; ++r) {
      float* delta = pass.output_delta(worker).row(r);
      for (std::size_t k = 0; k < 3; ++k) delta[k] = k == r ? -3.0F : 1.0F;
    }
    network.backward(worker, pass);
    worker.barrier();
    optimizer.update(worker, pass);
  });
  step.after = network.parameters();
  return step;
}

double length(const Step& step) {
  double sum = 0;
  for (std::size_t i = 0; i < step.after.size(); ++i) {
    for (std::size_t j = 0; j < step.after[i].values.size(); ++j) {
      const double d = static_cast<double>(step.after[i].values[j] - step.before[i].values[j]);
      sum += d * d;
    }
  }
  return std::sqrt(sum);
}

TEST_CASE("train: clipping scales the whole gradient to its norm") {
  const double free = length(make_step({}, {}, 1));
  CHECK(free > 1);
  CHECK(length(make_step(0.25F, {}, 1)) == Approx(0.25).epsilon(1e-4));
  CHECK(length(make_step(0.25F, {}, 3)) == length(make_step(0.25F, {}, 1)));
  CHECK(length(make_step(1000.0F, {}, 2)) == Approx(free));
}

TEST_CASE("train: max norm shortens the weights into hidden units and nothing else") {
  constexpr float kLimit = 1.5F;
  const Step free = make_step({}, {}, 1);
  const Step limited = make_step({}, kLimit, 2);
  std::size_t shortened = 0;
  for (std::size_t unit = 0; unit < 6; ++unit) {
    const float* w = free.after[0].values.data() + unit * 4;  // "0.weight" of shape (6, 4)
    const float* v = limited.after[0].values.data() + unit * 4;
    const float norm = std::sqrt(w[0] * w[0] + w[1] * w[1] + w[2] * w[2] + w[3] * w[3]);
    const float factor = std::min(1.0F, kLimit / norm);
    if (norm > kLimit) ++shortened;
    for (std::size_t i = 0; i < 4; ++i) CHECK(v[i] == Approx(factor * w[i]));
  }
  CHECK(shortened > 0);
  CHECK(shortened < 6);
  for (std::size_t i = 1; i < 4; ++i) CHECK(limited.after[i].values == free.after[i].values);

  Network linear(parse_layer_list("4,3,softmax"), true);
  OptimizerSettings settings = of_kind(OptimizerKind::kSgd);
  settings.max_norm = kLimit;
  CHECK_THROWS_AS(Optimizer(settings, linear), Error);
  settings.max_norm = 0.0F;
  CHECK_THROWS_AS(with_defaults(settings), Error);
}

}  // namespace
}  // namespace mnist
