#include "train/run_training.h"

#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "base/error.h"
#include "catch.h"
#include "model_io/safetensors.h"
#include "temporary_directory.h"
#include "train/optimizer_state.h"
#include "train/settings.h"

namespace mnist {
namespace {

Dataset stripes(std::size_t rows, std::size_t shift) {
  Dataset data;
  data.shape = shape_of_row(6);
  data.classes = 2;
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t label = r % 2;
    for (std::size_t f = 0; f < data.features(); ++f) {
      data.pixels.push_back(
          static_cast<std::uint8_t>((f % 2 == label ? 150 : 20) + (r * 31 + f * 17 + shift) % 60));
    }
    data.labels.push_back(static_cast<std::int32_t>(label));
  }
  return data;
}

// Images that can be distorted.
Dataset images(std::size_t rows, std::size_t shift) {
  Dataset data = stripes(rows, shift);
  data.shape = {1, 4, 4};
  data.pixels.resize(rows * data.features());
  for (std::size_t i = 0; i < data.pixels.size(); ++i) {
    data.pixels[i] = static_cast<std::uint8_t>((i * 37 + shift) % 251);
  }
  return data;
}

RunData data_with(std::size_t shift, bool test = true) {
  return {{stripes(50, shift), stripes(20, 1)}, test ? stripes(20, 2) : Dataset(), 0.5};
}

TrainSettings short_run() {
  TrainSettings settings;
  settings.layers = "5,relu";
  settings.batch_size = 16;
  settings.steps = 30;
  return settings;
}

struct StopAt : RunObserver {
  explicit StopAt(std::size_t at) : last(at) {}
  void on_start(const RunStart& start) override {
    first = start.first_step;
    bits_may_differ = start.bits_may_differ;
  }
  void on_step(const StepRecord& record) override { step = record.step; }
  bool wants_to_stop() override { return step == last; }

  std::size_t last;
  std::size_t first = 0;
  bool bits_may_differ = false;
  std::size_t step = 0;
};

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in.good());
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_CASE("train: a run leaves its files and tells of them") {
  const TemporaryDirectory directory;
  const auto run_owner = RunDirectory::create(directory / "run");
  RunDirectory& run = *run_owner;
  ThreadPool pool(2);
  RunObserver nobody;
  const auto result = run_training(run, short_run(), data_with(0), pool, nobody);
  REQUIRE(result);
  CHECK(result->steps == 30);
  CHECK(result->threads == 2);
  CHECK(result->load_seconds == 0.5);
  CHECK(result->layers == "6,5,relu,2,softmax");
  CHECK(result->validation_accuracy.has_value());
  CHECK(result->test_accuracy.has_value());
  CHECK(nlohmann::ordered_json::parse(read(run.result_path())) == to_json(*result));
  CHECK(std::filesystem::exists(run.weights_path()));
  CHECK(std::filesystem::exists(run.optimizer_path()));
  CHECK_FALSE(std::filesystem::exists(run.checkpoint_path()));
}

TEST_CASE("train: a run without test data has no test figures") {
  const TemporaryDirectory directory;
  const auto run_owner = RunDirectory::create(directory / "run");
  RunDirectory& run = *run_owner;
  ThreadPool pool(1);
  RunObserver nobody;
  const auto result = run_training(run, short_run(), data_with(0, false), pool, nobody);
  CHECK_FALSE(result.value().test_accuracy.has_value());
}

TEST_CASE("train: a run that its observer stops goes on to the same bytes") {
  const TemporaryDirectory directory;
  ThreadPool pool(1);
  const RunData data = data_with(0);
  RunObserver nobody;
  const auto whole_owner = RunDirectory::create(directory / "whole");
  RunDirectory& whole = *whole_owner;
  run_training(whole, short_run(), data, pool, nobody);

  const auto run_owner = RunDirectory::create(directory / "run");
  RunDirectory& run = *run_owner;
  for (const std::size_t stop : {7U, 8U, 29U}) {
    StopAt observer(stop);
    CHECK_FALSE(run_training(run, short_run(), data, pool, observer));
    CHECK(observer.step == stop);
    CHECK(std::filesystem::exists(run.checkpoint_path()));
    CHECK_FALSE(std::filesystem::exists(run.result_path()));
  }
  StopAt observer(0);
  REQUIRE(run_training(run, short_run(), data, pool, observer));
  CHECK(observer.first == 29);
  CHECK(read(run.weights_path()) == read(whole.weights_path()));
  CHECK(read(run.path() / run_files::kLoss) == read(whole.path() / run_files::kLoss));
}

TEST_CASE("train: a checkpoint of version 1.0 is resumed, and of its bits nothing is promised") {
  const TemporaryDirectory directory;
  ThreadPool pool(1);
  const RunData data = data_with(0);
  const auto owner = RunDirectory::create(directory / "run");
  RunDirectory& run = *owner;
  StopAt stop(7);
  CHECK_FALSE(run_training(run, short_run(), data, pool, stop));
  SafetensorsFile file = read_safetensors(run.checkpoint_path());
  const auto format = file.metadata.find("format");
  REQUIRE(format != file.metadata.end());

  format->second = "3";
  write_safetensors(run.checkpoint_path(), file);
  CHECK_THROWS_WITH(run_training(run, short_run(), data, pool, stop), contains("format 3"));

  file.metadata.erase(format);
  write_safetensors(run.checkpoint_path(), file);
  StopAt again(8);
  CHECK_FALSE(run_training(run, short_run(), data, pool, again));
  CHECK(again.first == 7);
  CHECK(again.bits_may_differ);
  StopAt end(0);
  CHECK(run_training(run, short_run(), data, pool, end));
  CHECK_FALSE(end.bits_may_differ);
}

TEST_CASE("train: a run trained further has the bits of one that was as long from the start") {
  const std::string augment = GENERATE("none", "affine");
  const std::string keep = GENERATE("adamw", "momentum", "sgd");
  INFO(keep << ' ' << augment);
  const TemporaryDirectory directory;
  RunData data({images(50, 0), images(20, 1)}, {}, 0);
  TrainSettings settings = short_run();  // 4 steps an epoch
  set_setting(settings, "optimizer", keep);
  set_setting(settings, "augment", augment);
  settings.layers = "5,relu,dropout:0.2,batchnorm";
  settings.optimizer.ema = 0.9;
  settings.optimizer.learning_rate = 0.01F;
  settings.schedule.kind = ScheduleKind::kConstant;
  settings.checkpoint_every = 3;
  const auto train = [&](const char* name, std::size_t steps, std::size_t threads,
                         RunObserver& observer) {
    settings.steps = steps;
    ThreadPool pool(threads);
    const bool begun = std::filesystem::exists(directory / name / run_files::kCheckpoint);
    if (!begun) std::filesystem::create_directory(directory / name);
    const auto run =
        begun ? RunDirectory::reopen(directory / name) : RunDirectory::create(directory / name);
    if (!begun) run->write_config("");
    return run_training(*run, settings, data, pool, observer).has_value();
  };
  RunObserver nobody;
  REQUIRE(train("whole", 20, 2, nobody));
  REQUIRE(train("start", 8, 1, nobody));
  settings.init_weights = directory / "start" / run_files::kWeights;
  settings.init_optimizer = directory / "start" / run_files::kOptimizer;
  const std::string before = read(settings.init_weights) + read(settings.init_optimizer);
  REQUIRE(train("more", 12, 2, nobody));
  StopAt stop(5);
  REQUIRE_FALSE(train("stopped", 12, 1, stop));
  REQUIRE(train("stopped", 12, 2, nobody));
  for (const char* file : {run_files::kWeights, run_files::kOptimizer}) {
    CHECK(read(directory / "more" / file) == read(directory / "whole" / file));
    CHECK(read(directory / "stopped" / file) == read(directory / "whole" / file));
  }
  CHECK(read(settings.init_weights) + read(settings.init_optimizer) == before);
  // Once more, from what was trained further.
  settings.init_weights = directory / "more" / run_files::kWeights;
  settings.init_optimizer = directory / "more" / run_files::kOptimizer;
  REQUIRE(train("again", 4, 2, nobody));
  settings.init_weights.clear();
  settings.init_optimizer.clear();
  REQUIRE(train("longer", 24, 2, nobody));
  CHECK(read(directory / "again" / run_files::kWeights) ==
        read(directory / "longer" / run_files::kWeights));
}

TEST_CASE("train: the state of another optimizer is refused by its file's name") {
  const TemporaryDirectory directory;
  ThreadPool pool(1);
  RunObserver nobody;
  TrainSettings settings = short_run();
  const auto run = RunDirectory::create(directory / "run");
  run_training(*run, settings, data_with(0), pool, nobody);
  settings.init_optimizer = run->optimizer_path();
  const auto check = [&](const std::string& part) {
    const auto other = RunDirectory::create(directory / "other");
    try {
      run_training(*other, settings, data_with(0), pool, nobody);
      FAIL("not refused");
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kBadInput);
      CHECK_THAT(error.what(), contains("optimizer.safetensors: ") && contains(part));
    }
  };
  settings.optimizer.kind = OptimizerKind::kMomentum;
  check("another optimizer");
  settings.optimizer = {};
  std::filesystem::copy_file(run->weights_path(), run->optimizer_path(),
                             std::filesystem::copy_options::overwrite_existing);
  check("no state of an optimizer");
  OptimizerState beyond;
  beyond.epochs = std::uint64_t{1} << 60;  // times the steps of an epoch is beyond all numbers
  save_optimizer_state(run->optimizer_path(), beyond);
  check("no state of an optimizer; its 'epochs'");
}

TEST_CASE("train: a checkpoint of other data is refused") {
  const TemporaryDirectory directory;
  const auto run_owner = RunDirectory::create(directory / "run");
  RunDirectory& run = *run_owner;
  ThreadPool pool(1);
  StopAt observer(7);
  run_training(run, short_run(), data_with(0), pool, observer);
  try {
    run_training(run, short_run(), data_with(3), pool, observer);
    FAIL("not refused");
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kBadInput);
    CHECK_THAT(error.what(), contains("other training data"));
  }
}

}  // namespace
}  // namespace mnist
