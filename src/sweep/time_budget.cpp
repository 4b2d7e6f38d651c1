#include "sweep/time_budget.h"

#include <algorithm>
#include <chrono>

#include "train/trainer.h"

namespace mnist {
namespace {

constexpr std::size_t kReduction = 3;
constexpr double kSecondsOfFirstTrials = 10;
constexpr std::size_t kMostRounds = 5;  // 243 trials

using Clock = std::chrono::steady_clock;

// Measures the speed of training: starts the count at half the time, and stops at the full time.
class Stopwatch : public TrainObserver {
 public:
  explicit Stopwatch(double seconds) : seconds_(seconds) {}

  void on_step(const StepRecord& record) override {
    step_ = record.step;
    if (warm_step_ == 0 && elapsed() >= seconds_ / 2) {
      warm_step_ = step_;
      warm_ = elapsed();
    }
  }
  BetweenSteps between_steps() override {
    const bool over = warm_step_ > 0 && step_ > warm_step_ && elapsed() >= seconds_;
    return over ? BetweenSteps::kSaveAndStop : BetweenSteps::kGoOn;
  }

  double steps_per_second() const {
    return static_cast<double>(step_ - warm_step_) / (elapsed() - warm_);
  }

 private:
  double elapsed() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  double seconds_;
  Clock::time_point start_ = Clock::now();
  std::size_t step_ = 0;
  std::size_t warm_step_ = 0;
  double warm_ = 0;
};

}  // namespace

std::vector<TimedRound> timed_rounds(double core_seconds) {
  std::vector<TimedRound> rounds;
  for (std::size_t count = kMostRounds; count > 0; --count) {
    std::size_t trials = 1;
    for (std::size_t i = 0; i < count; ++i) trials *= kReduction;
    const double of_round = core_seconds / static_cast<double>(count);
    if (count > 1 && of_round / static_cast<double>(trials) < kSecondsOfFirstTrials) continue;
    for (; trials > 1; trials /= kReduction) {
      rounds.push_back({trials, of_round / static_cast<double>(trials)});
    }
    break;
  }
  return rounds;
}

std::size_t steps_within(double seconds, double steps_per_second, std::size_t batch_size,
                         std::size_t rows, std::size_t most_epochs, std::size_t least) {
  const auto steps = static_cast<std::size_t>(std::max(0.0, seconds * steps_per_second));
  const std::size_t steps_per_epoch =
      std::max<std::size_t>(1, rows / std::max<std::size_t>(1, batch_size));
  return std::max(least, std::min(steps, most_epochs * steps_per_epoch));
}

double measure_speed(TrainSettings settings, const Dataset& training, ThreadPool& pool,
                     double seconds) {
  constexpr std::size_t kEndless = 1'000'000'000;
  settings.epochs.reset();
  settings.steps = kEndless;
  settings.stopping = {};
  Network network = make_network(settings, training);
  Stopwatch stopwatch(seconds);
  train(network, settings, training, {}, pool, stopwatch);
  return stopwatch.steps_per_second();
}

}  // namespace mnist
