#include "train/checkpoint.h"

#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "catch.h"
#include "temporary_directory.h"
#include "train/features.h"
#include "train/trainer.h"

namespace mnist {
namespace {

constexpr std::uint64_t kDataHash = 1234567890123456789U;

Dataset noise(std::size_t rows, unsigned seed) {
  Dataset data;
  data.shape = shape_of_row(9);
  data.classes = 3;
  for (std::size_t i = 0; i < rows * data.features(); ++i) {
    data.pixels.push_back(static_cast<std::uint8_t>((i * i + seed * i) % 251));
  }
  for (std::size_t r = 0; r < rows; ++r) data.labels.push_back(static_cast<std::int32_t>(r % 3));
  return data;
}

// Keeps the checkpoint after one step and every loss.
struct Resumption : TrainObserver {
  std::size_t stop_at = 0;
  std::vector<float> losses;
  std::optional<Checkpoint> checkpoint;
  std::vector<double> epoch_losses;

  void on_step(const StepRecord& record) override { losses.push_back(record.loss); }
  void on_epoch(const EpochRecord& record) override { epoch_losses.push_back(record.train_loss); }
  BetweenSteps between_steps() override {
    return losses.size() == stop_at ? BetweenSteps::kSave : BetweenSteps::kGoOn;
  }
  void on_checkpoint(const Checkpoint& c) override { checkpoint = c; }
};

std::vector<float> all_values(const Network& network) {
  std::vector<float> values;
  for (const NamedParameter& p : network.parameters()) {
    values.insert(values.end(), p.values.begin(), p.values.end());
  }
  return values;
}

// Trains once in one go and once from a checkpoint after ten steps.
void check_resumption(const TrainSettings& settings) {
  const TemporaryDirectory directory;
  const auto path = directory / "checkpoint.safetensors";
  const Dataset data = noise(50, 3);
  const Dataset validation = noise(20, 5);
  ThreadPool pool(2);
  Network whole = make_network(settings, data);
  Resumption recorder;
  recorder.stop_at = 10;
  const TrainOutcome outcome = train(whole, settings, data, validation, pool, recorder).value();
  REQUIRE(recorder.checkpoint);
  save_checkpoint(path, *recorder.checkpoint, kDataHash);

  const Checkpoint checkpoint = load_checkpoint(path, kDataHash);
  CHECK(checkpoint.steps == 10);
  Network resumed = make_network(settings, data);
  Resumption rest;
  const TrainOutcome rest_outcome =
      train(resumed, settings, data, validation, pool, rest, &checkpoint).value();
  CHECK(rest_outcome.steps == outcome.steps);
  CHECK(rest_outcome.kept_epoch == outcome.kept_epoch);
  CHECK(rest_outcome.train_loss == outcome.train_loss);
  CHECK(rest_outcome.validation_loss == outcome.validation_loss);
  CHECK(all_values(resumed) == all_values(whole));
  CHECK(rest.losses == std::vector<float>(recorder.losses.begin() + 10, recorder.losses.end()));
  CHECK(rest.epoch_losses.back() == recorder.epoch_losses.back());
  CHECK(rest.epoch_losses.front() == recorder.epoch_losses[2]);
}

TrainSettings stop_settings() {
  TrainSettings settings;
  settings.layers = "7,relu";
  settings.batch_size = 16;
  settings.steps = 23;
  return settings;
}

TEST_CASE("train: from a checkpoint training goes on to the same bits") {
  const OptimizerKind kind =
      GENERATE(OptimizerKind::kSgd, OptimizerKind::kMomentum, OptimizerKind::kNesterov,
               OptimizerKind::kRmsprop, OptimizerKind::kAdagrad, OptimizerKind::kAdam,
               OptimizerKind::kAdamw);
  const Sampling sampling = GENERATE(Sampling::kShuffle, Sampling::kIndependent);
  TrainSettings settings = stop_settings();
  settings.optimizer.kind = kind;
  settings.sampling = sampling;
  check_resumption(settings);
}

TEST_CASE("train: from a checkpoint every feature goes on to the same bits") {
  for (const testing::Feature& feature : testing::features()) {
    INFO(feature.name);
    TrainSettings settings = stop_settings();
    feature.ask_for(settings);
    check_resumption(settings);
  }
}

TEST_CASE("train: from a checkpoint training stops at the same step and keeps the same epoch") {
  TrainSettings settings = stop_settings();
  settings.steps = 400;
  settings.optimizer.learning_rate = 0.5F;
  settings.stopping = {3, Keep::kBest};
  check_resumption(settings);
}

TEST_CASE("train: a checkpoint of other data is refused, naming the file") {
  const TemporaryDirectory directory;
  const auto path = directory / "checkpoint.safetensors";
  save_checkpoint(path, {}, kDataHash);
  CHECK_NOTHROW(load_checkpoint(path, kDataHash));
  CHECK_THROWS_WITH(load_checkpoint(path, kDataHash + 1),
                    contains(path.string()) && contains("other training data"));
}

TEST_CASE("train: a checkpoint of something else is refused") {
  const Dataset data = noise(50, 3);
  TrainSettings settings;
  settings.layers = "7,relu";
  settings.batch_size = 16;
  settings.steps = 12;
  ThreadPool pool(1);
  Network network = make_network(settings, data);
  Resumption recorder;
  recorder.stop_at = 5;
  train(network, settings, data, {}, pool, recorder);
  const auto refused = [&](const TrainSettings& other, const Dataset& other_data) {
    Network fresh = make_network(other, data);
    Resumption none;
    try {
      train(fresh, other, other_data, data, pool, none, &*recorder.checkpoint);
      return false;
    } catch (const Error& error) {
      return error.code() == ExitCode::kBadInput;
    }
  };
  CHECK_FALSE(refused(settings, data));
  TrainSettings other = settings;
  other.layers = "8,relu";
  CHECK(refused(other, data));
  other = settings;
  other.optimizer.kind = OptimizerKind::kSgd;
  CHECK(refused(other, data));
  other = settings;
  other.optimizer.ema = 0.9;
  CHECK(refused(other, data));
  other = settings;
  other.steps = 5;
  CHECK(refused(other, data));
  recorder.checkpoint->best.figures.epoch = 1;
  recorder.checkpoint->best.parameters = recorder.checkpoint->parameters;
  recorder.checkpoint->best.parameters.pop_back();
  other = settings;
  other.stopping.keep = Keep::kBest;
  CHECK(refused(other, data));
}

TEST_CASE(
    "train: a dead network is noticed at the same step whether its run was interrupted or not") {
  Dataset data = noise(50, 3);
  data.pixels.assign(data.pixels.size(), 0);  // without biases every row gives the same
  TrainSettings settings;
  settings.layers = "7,relu";
  settings.bias = false;
  settings.batch_size = 16;
  settings.steps = 600;
  ThreadPool pool(1);
  const auto message = [&](Resumption& recorder, const Checkpoint* checkpoint) -> std::string {
    Network network = make_network(settings, data);
    try {
      train(network, settings, data, {}, pool, recorder, checkpoint);
    } catch (const Error& error) {
      return error.what();
    }
    return "not noticed";
  };
  Resumption recorder;
  recorder.stop_at = 230;
  const std::string whole = message(recorder, nullptr);
  CHECK_THAT(whole, contains("since step 50"));
  const TemporaryDirectory directory;
  const auto path = directory / "checkpoint.safetensors";
  save_checkpoint(path, *recorder.checkpoint, kDataHash);
  Checkpoint checkpoint = load_checkpoint(path, kDataHash);
  Resumption rest;
  CHECK(message(rest, &checkpoint) == whole);
  checkpoint.collapse.first_row.pop_back();
  CHECK_THAT(message(rest, &checkpoint), contains("does not fit"));
}

TEST_CASE("train: the hash of a data set sees every part of it") {
  const Dataset data = noise(50, 3);
  CHECK(hash_of(data) == hash_of(noise(50, 3)));
  for (const std::size_t i : {0U, 1U, 7U, 449U}) {
    Dataset other = data;
    other.pixels[i] ^= 1U;
    CHECK(hash_of(other) != hash_of(data));
  }
  Dataset other = data;
  other.labels[49] ^= 1;
  CHECK(hash_of(other) != hash_of(data));
}

}  // namespace
}  // namespace mnist
