#include "train/trainer.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "catch.h"
#include "train/features.h"

namespace mnist {
namespace {

// Two classes that a line tells apart, with some noise.
Dataset two_blobs(std::size_t rows) {
  Dataset data;
  data.shape = shape_of_row(6);
  data.classes = 2;
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t label = r * 7 % 13 % 2;
    for (std::size_t f = 0; f < data.features(); ++f) {
      const std::size_t noise = (r * 31 + f * 17) % 60;
      data.pixels.push_back(static_cast<std::uint8_t>((f % 2 == label ? 150 : 20) + noise));
    }
    data.labels.push_back(static_cast<std::int32_t>(label));
  }
  return data;
}

struct Recorder : TrainObserver {
  std::vector<StepRecord> steps;
  std::vector<EpochRecord> epochs;
  void on_step(const StepRecord& record) override { steps.push_back(record); }
  void on_epoch(const EpochRecord& record) override { epochs.push_back(record); }
};

struct Run {
  Recorder recorder;
  TrainOutcome outcome;
  std::vector<NamedParameter> parameters;
};

Run run(TrainSettings settings, std::size_t threads = 1) {
  const Dataset training = two_blobs(50);
  const Dataset validation = two_blobs(20);
  Network network = make_network(settings, training);
  ThreadPool pool(threads);
  Run result;
  result.outcome = train(network, settings, training, validation, pool, result.recorder).value();
  result.parameters = network.parameters();
  return result;
}

TrainSettings small_settings() {
  TrainSettings settings;
  settings.layers = "5,relu,4,tanh";
  settings.batch_size = 16;
  settings.epochs = 3;
  return settings;
}

bool same_bits(const Run& a, const Run& b) {
  for (std::size_t i = 0; i < a.parameters.size(); ++i) {
    if (a.parameters[i].values != b.parameters[i].values) return false;
  }
  return true;
}

TEST_CASE("train: steps and epochs are counted and reported") {
  const Run result = run(small_settings());
  REQUIRE(result.recorder.steps.size() == 12);  // 50 rows in batches of 16: four a pass
  REQUIRE(result.recorder.epochs.size() == 3);
  CHECK(result.recorder.steps.front().step == 1);
  CHECK(result.recorder.steps.front().epoch == 1);
  CHECK(result.recorder.steps[4].epoch == 2);
  CHECK(result.recorder.epochs.back().step == 12);
  CHECK(result.recorder.epochs.back().validation_accuracy.has_value());
  CHECK(result.outcome.steps == 12);
  CHECK(result.outcome.epochs == Approx(3));
  double loss = 0;
  const std::vector<double> rows{16, 16, 16, 2};
  for (std::size_t i = 0; i < 4; ++i) {
    loss += static_cast<double>(result.recorder.steps[8 + i].loss) * rows[i] / 50;
  }
  CHECK(result.outcome.train_loss == Approx(loss).epsilon(1e-5));
}

TEST_CASE("train: a network learns what can be learnt") {
  TrainSettings settings = small_settings();
  settings.epochs = 60;
  settings.optimizer.learning_rate = 0.02F;
  const Run result = run(settings);
  CHECK(result.outcome.validation_accuracy == 1.0);
  CHECK(result.outcome.train_loss < 0.1);
}

TEST_CASE("train: the same seed gives the same bits whatever the threads") {
  const std::size_t batch_size = GENERATE(16U, 40U);  // rows of one worker, or of several
  for (const Sampling sampling : {Sampling::kShuffle, Sampling::kIndependent}) {
    TrainSettings settings = small_settings();
    settings.batch_size = batch_size;
    settings.sampling = sampling;
    const Run one = run(settings, 1);
    for (const std::size_t threads : {2U, 3U, 7U}) CHECK(same_bits(one, run(settings, threads)));
    settings.first_layer = InputForm::kFloats;
    CHECK(same_bits(one, run(settings, 2)));
    settings.first_layer = InputForm::kPixels;
    CHECK(same_bits(one, run(settings, 2)));
    settings.seed = 1;
    CHECK_FALSE(same_bits(one, run(settings, 1)));
  }
}

TEST_CASE("train: every feature gives the same bits whatever the threads, and others than plain") {
  TrainSettings plain_settings = small_settings();
  plain_settings.batch_size = GENERATE(16U, 40U);  // rows of one worker, or of several
  const Run plain = run(plain_settings);
  for (const testing::Feature& feature : testing::features()) {
    INFO(feature.name);
    TrainSettings settings = plain_settings;
    feature.ask_for(settings);
    const Run one = run(settings, 1);
    CHECK_FALSE(same_bits(one, plain));
    for (const std::size_t threads : {2U, 3U}) {
      const Run other = run(settings, threads);
      CHECK(same_bits(one, other));
      CHECK(one.outcome.validation_loss == other.outcome.validation_loss);
    }
  }
}

TEST_CASE("train: what is validated and left behind is the moving average of the weights") {
  TrainSettings settings = small_settings();
  settings.optimizer.ema = 0.75;
  settings.schedule.kind = ScheduleKind::kConstant;
  const Run averaged = run(settings);
  // The weights after each step are those of a shorter training without average.
  std::vector<std::vector<double>> expected;
  for (std::size_t step = 0; step <= 12; ++step) {
    TrainSettings plain = settings;
    plain.optimizer.ema = 0;
    plain.epochs.reset();
    plain.steps = step;
    const Dataset data = two_blobs(50);
    Network network = make_network(plain, data);
    ThreadPool pool(1);
    Recorder ignored;
    if (step > 0) train(network, plain, data, {}, pool, ignored);
    const std::vector<NamedParameter> weights = network.parameters();
    const double keep = std::min(0.75, static_cast<double>(step) / (9 + static_cast<double>(step)));
    expected.resize(weights.size());
    for (std::size_t i = 0; i < weights.size(); ++i) {
      expected[i].resize(weights[i].values.size());
      for (std::size_t j = 0; j < expected[i].size(); ++j) {
        const double now = weights[i].values[j];
        expected[i][j] = step == 0 ? now : keep * expected[i][j] + (1 - keep) * now;
      }
    }
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    for (std::size_t j = 0; j < expected[i].size(); ++j) {
      CHECK(averaged.parameters[i].values[j] == Approx(expected[i][j]).margin(1e-6));
    }
  }
  Network network = make_network(settings, two_blobs(20));
  network.set_parameters(averaged.parameters);
  ThreadPool pool(1);
  std::vector<float> losses;
  predict(network, two_blobs(20), pool, &losses);
  CHECK(std::accumulate(losses.begin(), losses.end(), 0.0) / 20 ==
        Approx(*averaged.outcome.validation_loss));
}

TEST_CASE("train: the weights of the epoch with the lowest validation loss are left behind") {
  const double ema = GENERATE(0.0, 0.75);
  TrainSettings settings = small_settings();
  settings.optimizer.ema = ema;
  settings.optimizer.learning_rate = 0.3F;
  settings.schedule.kind = ScheduleKind::kConstant;  // so that a shorter training begins alike
  settings.epochs = 40;
  settings.stopping = {5, Keep::kBest};
  const Run best = run(settings);
  const std::size_t kept = *best.outcome.kept_epoch;
  REQUIRE(best.recorder.epochs.size() == kept + 5);
  CHECK(best.outcome.steps == 4 * (kept + 5));
  CHECK(best.outcome.epochs == Approx(static_cast<double>(kept + 5)));
  for (const EpochRecord& epoch : best.recorder.epochs) {
    CHECK(*epoch.validation_loss >= *best.outcome.validation_loss);
  }
  const EpochRecord& record = best.recorder.epochs[kept - 1];
  CHECK(best.outcome.validation_loss == record.validation_loss);
  CHECK(best.outcome.validation_accuracy == record.validation_accuracy);
  CHECK(best.outcome.train_loss == record.train_loss);

  settings.stopping = {};
  settings.epochs = kept;
  CHECK(same_bits(run(settings), best));
  settings.epochs = kept + 5;
  const Run last = run(settings);
  CHECK_FALSE(same_bits(last, best));
  CHECK_FALSE(last.outcome.kept_epoch);
  settings.epochs = 40;
  settings.stopping = {5, Keep::kLast};
  CHECK(same_bits(run(settings), last));
}

TEST_CASE("train: early stopping looks at every epoch even if nobody else does") {
  struct Blind : Recorder {
    bool wants_validation(std::size_t, bool) override { return false; }
  };
  TrainSettings settings = small_settings();
  settings.stopping.keep = Keep::kBest;
  const Dataset training = two_blobs(50);
  Network network = make_network(settings, training);
  ThreadPool pool(1);
  Blind recorder;
  const TrainOutcome outcome =
      train(network, settings, training, two_blobs(20), pool, recorder).value();
  CHECK(outcome.kept_epoch);
  for (const EpochRecord& epoch : recorder.epochs) CHECK(epoch.validation_loss);
  CHECK_THROWS_AS(train(network, settings, training, {}, pool, recorder), Error);
}

TEST_CASE(
    "train: augmented training gives the same bits whatever the threads, and others than plain") {
  TrainSettings settings = small_settings();
  settings.augment.kind = AugmentKind::kFull;
  Dataset images = two_blobs(50);
  images.shape = shape_of_row(9);  // 3 × 3
  images.pixels.resize(50 * images.features(), 90);
  const auto trained = [&](std::size_t threads) {
    Network network = make_network(settings, images);
    ThreadPool pool(threads);
    Run result;
    result.outcome = train(network, settings, images, {}, pool, result.recorder).value();
    result.parameters = network.parameters();
    return result;
  };
  const Run one = trained(1);
  CHECK(same_bits(one, trained(3)));
  settings.augment.kind = AugmentKind::kNone;
  CHECK_FALSE(same_bits(one, trained(1)));
}

TEST_CASE("train: divergence ends with its exit code and keeps what was reported") {
  TrainSettings settings = small_settings();
  settings.optimizer.kind = OptimizerKind::kSgd;
  settings.optimizer.learning_rate = 1e30F;
  settings.layers = "5,relu";
  settings.schedule.kind = ScheduleKind::kConstant;
  const Dataset training = two_blobs(50);
  Network network = make_network(settings, training);
  ThreadPool pool(1);
  Recorder recorder;
  try {
    train(network, settings, training, {}, pool, recorder);
    FAIL("not noticed");
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kDiverged);
  }
  CHECK_FALSE(recorder.steps.empty());
}

TEST_CASE("train: contradictions are usage errors") {
  const auto refused = [](const TrainSettings& settings) {
    try {
      run(settings);
      return false;
    } catch (const Error& error) {
      return error.code() == ExitCode::kUsage;
    }
  };
  TrainSettings settings = small_settings();
  settings.steps = 5;
  CHECK(refused(settings));
  settings = small_settings();
  settings.batch_size = 51;
  CHECK(refused(settings));
  settings.batch_size = 0;
  CHECK(refused(settings));
  settings = small_settings();
  settings.epochs = 0;
  CHECK(refused(settings));
  settings = small_settings();
  settings.layers = "5,sigmoid,2,sigmoid";
  CHECK(refused(settings));
  settings = small_settings();
  settings.layers = "5,batchnorm,relu";
  for (const std::size_t single : {1U, 7U, 49U}) {  // 50 rows leave one over
    settings.batch_size = single;
    CHECK(refused(settings));
  }
  settings.sampling = Sampling::kIndependent;
  CHECK_FALSE(refused(settings));
}

TEST_CASE("train: steps that cannot be counted are refused") {
  TrainSettings settings;
  settings.steps.reset();
  settings.batch_size = 8;
  settings.epochs = 3;
  CHECK(total_steps(settings, 60) == 24);
  for (const std::size_t epochs : {std::size_t{1} << 61, std::numeric_limits<std::size_t>::max()}) {
    settings.epochs = epochs;
    try {
      total_steps(settings, 60);
      FAIL("not refused");
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kUsage);
    }
  }
}

}  // namespace
}  // namespace mnist
