#include "sweep/sweep_runner.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <thread>

#include "base/error.h"
#include "catch.h"
#include "model_io/model_file.h"
#include "temporary_directory.h"
#include "train/shared_run.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

Dataset blobs(std::size_t rows, std::size_t shift) {
  Dataset data;
  data.shape = shape_of_row(6);
  data.classes = 3;
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t label = r * 7 % 13 % 3;
    for (std::size_t f = 0; f < data.features(); ++f) {
      const std::size_t noise = (r * 31 + f * 17 + r * f * shift) % 70;
      data.pixels.push_back(static_cast<std::uint8_t>((f % 3 == label ? 90 : 30) + noise));
    }
    data.labels.push_back(static_cast<std::int32_t>(label));
  }
  return data;
}

const RunData& small_data() {
  static const RunData data({blobs(90, 1), blobs(40, 2)}, {}, 0);
  return data;
}

constexpr std::size_t kSteps = 81;

// Learning rates from hopeless to good; the trial named "bad" collapses.
SweepPlan plan_of(const fs::path& directory, std::size_t count, bool bad = false) {
  SweepPlan plan;
  plan.directory = directory;
  for (std::size_t i = 0; i < count; ++i) {
    Trial trial{fmt::format("t{}", i), {{"lr", fmt::format("{}", i)}}, {}};
    trial.settings.layers = "5,relu";
    trial.settings.batch_size = 10;
    trial.settings.steps = kSteps;
    trial.settings.threads = 1;
    trial.settings.optimizer.learning_rate = 0.0005F * static_cast<float>(1 + 5 * i % count * 10);
    plan.trials.push_back(trial);
  }
  if (bad) {
    TrainSettings& settings = plan.trials[1].settings;
    settings.optimizer.kind = OptimizerKind::kSgd;
    settings.optimizer.learning_rate = 1e30F;
    settings.schedule.kind = ScheduleKind::kConstant;
  }
  plan.rungs = {{count}};
  return plan;
}

struct Quiet : SweepObserver {
  std::unique_ptr<RunObserver> observe(const RunDirectory&, const TrainSettings&) override {
    struct Counter : RunObserver {
      explicit Counter(Quiet& parent) : quiet(parent) {}
      void on_step(const StepRecord&) override { ++quiet.steps; }
      void on_failure(const std::string&) override { ++quiet.failures; }
      Quiet& quiet;
    };
    ++runs;
    return std::make_unique<Counter>(*this);
  }
  bool wants_to_stop() override { return steps >= stop_after; }
  void on_progress(const SweepProgress& p) override { progress = p; }

  std::atomic<std::size_t> runs{0};
  std::atomic<std::size_t> steps{0};
  std::atomic<std::size_t> failures{0};
  std::size_t stop_after = 1'000'000'000;
  SweepProgress progress;
};

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  INFO(path);
  REQUIRE(in.good());
  return {std::istreambuf_iterator<char>(in), {}};
}

// The table without its seconds.
std::string table(const SweepPlan& plan) {
  auto results = read_results(plan.directory, plan.trials, plan.seeds, plan.metric);
  for (TrialResult& result : results) result.seconds = 0;
  return trials_csv(results, {parse_grid("lr=0|1")}, plan.metric);
}

std::string run_all(const SweepPlan& plan, std::size_t jobs = 2) {
  Quiet observer;
  CHECK(run_sweep(plan, small_data(), jobs, observer));
  return table(plan);
}

TEST_CASE("sweep: every trial is trained once, whatever the jobs, and to the bits of a plain run") {
  const TemporaryDirectory directory;
  const SweepPlan plan = plan_of(directory / "one", 7, true);
  Quiet observer;
  CHECK(run_sweep(plan, small_data(), 1, observer));
  CHECK(observer.runs == 7);
  CHECK(observer.failures == 1);
  CHECK(observer.progress.done == 7);
  CHECK(observer.progress.collapsed == 1);
  CHECK(observer.progress.steps_done == observer.progress.steps);
  CHECK(observer.progress.steps == 7 * kSteps);
  CHECK(observer.progress.best != nullptr);
  const std::string rows = table(plan);
  CHECK_THAT(rows, contains("t1,1,,,2,0,collapsed\n") && contains("t6,6,"));
  CHECK(rows == run_all(plan_of(directory / "three", 7, true), 3));

  Quiet again;
  CHECK(run_sweep(plan, small_data(), 2, again));
  CHECK(again.runs == 0);
  CHECK(again.progress.done == 7);
  CHECK(table(plan) == rows);

  const auto plain_owner = RunDirectory::create(directory / "plain");
  RunDirectory& plain = *plain_owner;
  ThreadPool pool(2);
  RunObserver nobody;
  run_training(plain, plan.trials[3].settings, small_data(), pool, nobody);
  CHECK(read(plain.weights_path()) == read(directory / "one/trials/t3/weights.safetensors"));
}

TEST_CASE("sweep: a trial is visible only when it has ended") {
  const TemporaryDirectory directory;
  SweepPlan plan = plan_of(directory.path(), 6, true);
  struct Looker : Quiet {
    std::unique_ptr<RunObserver> observe(const RunDirectory& run,
                                         const TrainSettings& settings) override {
      for (const auto& entry : fs::directory_iterator(run.path().parent_path())) {
        if (entry.path().filename().string().starts_with('.')) continue;
        CHECK(has_ended(entry.path()));
      }
      CHECK_FALSE(fs::exists(run.path()));
      return Quiet::observe(run, settings);
    }
  } looker;
  CHECK(run_sweep(plan, small_data(), 1, looker));
}

TEST_CASE("sweep: each trial has so many seeds") {
  const TemporaryDirectory directory;
  SweepPlan plan = plan_of(directory.path(), 3);
  plan.seeds = 3;
  run_all(plan);
  const auto results = read_results(plan.directory, plan.trials, 3, plan.metric);
  REQUIRE(results.size() == 3);
  for (const TrialResult& result : results) {
    CHECK(result.steps == 3 * kSteps);
    CHECK(result.score->deviation.value() >= 0);
  }
  CHECK(read(directory / "trials/t0/weights.safetensors") !=
        read(directory / "trials/t0-1/weights.safetensors"));
}

TEST_CASE("sweep: shards are disjoint and make up the whole") {
  const TemporaryDirectory directory;
  const std::string whole = run_all(plan_of(directory / "whole", 8, true));
  SweepPlan plan = plan_of(directory / "parts", 8, true);
  std::size_t runs = 0;
  for (const std::size_t index : {2U, 0U, 1U, 1U}) {  // the second one twice
    plan.shard = {index, 3};
    Quiet observer;
    CHECK(run_sweep(plan, small_data(), 2, observer));
    runs += observer.runs;
  }
  CHECK(runs == 8);
  CHECK(table(plan) == whole);
}

TEST_CASE("sweep: a sweep that is stopped goes on where it was") {
  const TemporaryDirectory directory;
  const bool halving = GENERATE(false, true);
  SweepPlan whole = plan_of(directory / "whole", 9, true);
  SweepPlan plan = plan_of(directory / "parts", 9, true);
  if (halving) whole.rungs = plan.rungs = halving_rungs(9, 3);
  const std::string rows = run_all(whole);
  std::size_t steps = 0;
  for (int rounds = 0;; ++rounds) {
    REQUIRE(rounds < 100);
    Quiet observer;
    observer.stop_after = 37;
    const bool over =
        run_sweep(plan, small_data(), 1 + static_cast<std::size_t>(rounds) % 2, observer);
    steps += observer.steps;
    if (over) break;
  }
  Quiet once;
  CHECK(run_sweep(plan_of(directory / "once", 9, true), small_data(), 1, once));
  if (!halving) CHECK(steps == once.steps);  // none was made twice
  CHECK(table(plan) == rows);
}

TEST_CASE("sweep: halving trains the better trials on, to the bits of an uninterrupted run") {
  const TemporaryDirectory directory;
  const std::size_t seeds = GENERATE(1U, 2U);
  SweepPlan full = plan_of(directory / "full", 9);
  full.seeds = seeds;
  run_all(full);
  SweepPlan plan = plan_of(directory / "halving", 9);
  plan.seeds = seeds;
  plan.rungs = halving_rungs(9, 3);
  Quiet observer;
  CHECK(run_sweep(plan, small_data(), 2, observer));
  CHECK(observer.progress.done == 9);
  CHECK(observer.progress.steps_done == Approx(observer.progress.steps));
  CHECK(observer.steps == seeds * (9 * 9 + 3 * 18 + 1 * 54));

  const auto results = read_results(plan.directory, plan.trials, seeds, plan.metric);
  REQUIRE(results.size() == 9);
  std::map<std::size_t, std::size_t> trials_by_steps;
  for (const TrialResult& result : results) {
    ++trials_by_steps[result.steps / seeds];
    const fs::path run = run_directory(plan.directory, *result.trial, 0);
    const fs::path same = run_directory(full.directory, *result.trial, 0);
    if (result.status == TrialResult::Status::kComplete) {
      CHECK(read(run / "weights.safetensors") == read(same / "weights.safetensors"));
      CHECK(read(run / "loss.csv") == read(same / "loss.csv"));
    } else {
      CHECK(result.status == TrialResult::Status::kStopped);
      CHECK(fs::exists(run / "checkpoint.safetensors"));
    }
  }
  CHECK(trials_by_steps == std::map<std::size_t, std::size_t>{{9, 6}, {27, 2}, {81, 1}});
  // The survivors of the first rung were its best.
  double worst_kept = 1;
  double best_dropped = 0;
  for (const TrialResult& result : results) {
    double mean = 0;
    for (std::size_t k = 0; k < seeds; ++k) {
      const RunRecord record = read_run(run_directory(plan.directory, *result.trial, k));
      mean += record.at(9)->accuracy / static_cast<double>(seeds);
    }
    if (result.steps / seeds == 9) {
      best_dropped = std::max(best_dropped, mean);
    } else {
      worst_kept = std::min(worst_kept, mean);
    }
  }
  CHECK(worst_kept >= best_dropped);
}

TEST_CASE("sweep: two sweeps on one directory share its trials") {
  const TemporaryDirectory directory;
  const bool halving = GENERATE(false, true);
  SweepPlan whole = plan_of(directory / "whole", 9, true);
  SweepPlan plan = plan_of(directory / "shared", 9, true);
  if (halving) whole.rungs = plan.rungs = halving_rungs(9, 3);
  Quiet alone;
  CHECK(run_sweep(whole, small_data(), 1, alone));
  // Locks are between open files, not between processes, so threads will do.
  Quiet first;
  Quiet second;
  bool over = false;
  std::thread other([&] { over = run_sweep(plan, small_data(), 2, second); });
  CHECK(run_sweep(plan, small_data(), 2, first));
  other.join();
  CHECK(over);
  CHECK(first.steps + second.steps == alone.steps);
  CHECK(table(plan) == table(whole));
}

TEST_CASE("sweep: what goes wrong with one trial ends the sweep, which can then go on") {
  const TemporaryDirectory directory;
  SweepPlan plan = plan_of(directory.path(), 4);
  fs::create_directories(directory / "trials/t2");
  std::ofstream(directory / "trials/t2/notes.txt") << "mine";
  Quiet observer;
  CHECK_THROWS_AS(run_sweep(plan, small_data(), 2, observer), Error);
  fs::remove_all(directory / "trials/t2");
  run_all(plan);
  CHECK(table(plan) == run_all(plan_of(directory / "other", 4)));
}

TEST_CASE("sweep: one that waits for another process to leave a run can be stopped") {
  const TemporaryDirectory directory;
  SweepPlan plan = plan_of(directory / "sweep", 3);
  plan.rungs = halving_rungs(3, 3);
  // Takes the runs away once all have come to the first rung, as another process might.
  struct Other : Quiet {
    explicit Other(const SweepPlan& sweep) : plan(sweep) {}
    void on_progress(const SweepProgress& reached) override {
      if (!locks.empty() || reached.steps_done < kSteps) return;
      for (const Trial& trial : plan.trials) {
        const fs::path run = place_of_work(run_directory(plan.directory, trial, 0));
        locks.emplace_back(run / run_files::kLog);
        // The sweep may still be about to leave it.
        for (int tries = 0; !locks.back().acquire(IfBusy::kReturn); ++tries) {
          REQUIRE(tries < 10'000);
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
      }
    }
    bool wants_to_stop() override { return !locks.empty() && ++asked > 3; }

    const SweepPlan& plan;
    std::vector<FileLock> locks;
    int asked = 0;
  };
  Other observer(plan);
  CHECK_FALSE(run_sweep(plan, small_data(), 1, observer));
  CHECK(observer.asked > 3);
  observer.locks.clear();
  CHECK(run_all(plan) == run_all([&] {
          SweepPlan whole = plan_of(directory / "whole", 3);
          whole.rungs = plan.rungs;
          return whole;
        }()));
}

}  // namespace
}  // namespace mnist
