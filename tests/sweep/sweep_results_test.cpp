#include "sweep/sweep_results.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "catch.h"

namespace mnist {
namespace {

using Status = TrialResult::Status;

RunRecord complete(double loss, double accuracy) {
  RunRecord run;
  run.visible = true;
  run.steps = 90;
  run.seconds = 2;
  run.end = {90, loss, accuracy, 2};
  return run;
}

RunRecord stopped(std::size_t step, double accuracy) {
  RunRecord run;
  run.visible = true;
  run.steps = step;
  run.seconds = 1;
  run.rungs = {{1, 9, 0.1, 0}, {step, 1 - accuracy, accuracy, 1}};
  return run;
}

RunRecord collapsed() {
  RunRecord run;
  run.visible = true;
  run.collapsed = true;
  run.steps = 50;
  return run;
}

TrialResult result_of(const std::vector<RunRecord>& runs,
                      Metric metric = Metric::kValidationAccuracy) {
  static const Trial trial{"abc", {{"lr", "0.1"}}, {}};
  return trial_result(trial, runs, metric).value();
}

TEST_CASE("sweep: a trial's score is the mean over its runs, with their deviation") {
  const TrialResult one = result_of({complete(0.5, 0.9)});
  CHECK(one.status == Status::kComplete);
  CHECK(one.score->mean == 0.9);
  CHECK_FALSE(one.score->deviation.has_value());
  const TrialResult two = result_of({complete(0.5, 0.9), complete(0.3, 0.8), complete(0.4, 0.7)});
  CHECK(two.score->mean == Approx(0.8));
  CHECK(two.score->deviation.value() == Approx(0.1));
  CHECK(two.steps == 270);
  CHECK(two.seconds == 6);
  const TrialResult loss =
      result_of({complete(0.5, 0.9), complete(0.3, 0.8)}, Metric::kValidationLoss);
  CHECK(loss.score->mean == Approx(0.4));
}

TEST_CASE("sweep: a trial has a result when all its runs have ended") {
  const Trial trial;
  const Metric metric = Metric::kValidationAccuracy;
  RunRecord hidden = stopped(30, 0.8);
  hidden.visible = false;
  CHECK_FALSE(trial_result(trial, std::vector{complete(0.5, 0.9), hidden}, metric));
  CHECK_FALSE(trial_result(trial, std::vector{complete(0.5, 0.9), RunRecord()}, metric));
  RunRecord begun;  // by someone else, without a rung
  begun.visible = true;
  CHECK_FALSE(trial_result(trial, std::vector{begun}, metric));
  CHECK(result_of({stopped(30, 0.8)}).status == Status::kStopped);
  CHECK(result_of({stopped(30, 0.8)}).score->mean == 0.8);
  for (const auto& runs :
       {std::vector{collapsed(), complete(0.5, 0.9)}, std::vector{complete(0.5, 0.9), collapsed()},
        std::vector{stopped(30, 0.8), collapsed()}}) {
    const TrialResult result = result_of(runs);
    CHECK(result.status == Status::kCollapsed);
    CHECK_FALSE(result.score.has_value());
  }
}

TEST_CASE("sweep: complete trials rank before those given up, and the longer before the shorter") {
  const std::vector<TrialResult> results = {
      result_of({stopped(30, 0.99)}),  result_of({complete(0.2, 0.8)}),
      result_of({collapsed()}),        result_of({stopped(10, 0.999)}),
      result_of({complete(0.3, 0.9)}), result_of({stopped(30, 0.97)})};
  const auto best = ranked(results, Metric::kValidationAccuracy);
  std::vector<double> means;
  for (const TrialResult& result : best) means.push_back(result.score->mean);
  CHECK(means == std::vector<double>{0.9, 0.8, 0.99, 0.97, 0.999});
  const std::vector<TrialResult> by_loss = {
      result_of({complete(0.3, 0.9)}, Metric::kValidationLoss),
      result_of({complete(0.2, 0.8)}, Metric::kValidationLoss)};
  CHECK(ranked(by_loss, Metric::kValidationLoss).front().score->mean == 0.2);
}

TEST_CASE("sweep: trials.csv has a row per result") {
  const Trial first{"aaa", {{"lr", "0.1"}, {"layers", "50,relu"}}, {}};
  const Trial second{"bbb", {{"lr", "0.2"}, {"layers", "say \"x\""}}, {}};
  const Metric metric = Metric::kValidationAccuracy;
  const std::vector<TrialResult> results = {
      trial_result(first, std::vector{complete(0.5, 0.875), complete(0.5, 0.625)}, metric).value(),
      trial_result(second, std::vector{collapsed(), complete(0.5, 0.5)}, metric).value()};
  const Space space = {parse_grid("lr=0.1|0.2"), parse_grid("layers=50,relu|x")};
  CHECK(trials_csv(results, space, metric) ==
        "id,lr,layers,validation_accuracy,deviation,steps,seconds,status\n"
        "aaa,0.1,\"50,relu\",0.75,0.1767766952966369,180,4,complete\n"
        "bbb,0.2,\"say \"\"x\"\"\",,,140,2,collapsed\n");
  CHECK(trials_csv({}, space, Metric::kValidationLoss) ==
        "id,lr,layers,validation_loss,deviation,steps,seconds,status\n");
}

TEST_CASE("sweep: what is no number is worse than any, and leaves an order") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Metric metric : {Metric::kValidationLoss, Metric::kValidationAccuracy}) {
    CHECK(better(metric, 0.5, nan));
    CHECK_FALSE(better(metric, nan, 0.5));
    CHECK_FALSE(better(metric, nan, nan));
    std::vector<TrialResult> results;
    for (int i = 0; i < 40; ++i) {
      const double figure = i % 3 == 0 ? nan : i / 40.0;
      results.push_back(result_of({complete(figure, figure)}, metric));
    }
    const auto best = ranked(results, metric);
    CHECK(std::is_partitioned(best.begin(), best.end(), [](const TrialResult& result) {
      return !std::isnan(result.score->mean);
    }));
  }
}

}  // namespace
}  // namespace mnist
