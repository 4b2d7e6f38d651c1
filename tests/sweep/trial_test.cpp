#include "sweep/trial.h"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <set>

#include "base/error.h"
#include "catch.h"
#include "temporary_directory.h"
#include "train/shared_run.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

TEST_CASE("sweep: a trial is named after its parameters, whatever their order") {
  CHECK(trial_id({{"lr", "0.1"}}) == "vv1fxk2er4");  // names stay the same over versions
  CHECK(trial_id({{"lr", "0.1"}, {"seed", "1"}}) == trial_id({{"seed", "1"}, {"lr", "0.1"}}));
  std::set<std::string> ids;
  for (int i = 0; i < 20000; ++i) {
    const std::string id = trial_id({{"lr", fmt::format("0.{}", i)}, {"batch-size", "64"}});
    CHECK(id.size() == 10);
    ids.insert(id);
  }
  CHECK(ids.size() == 20000);
}

TEST_CASE("sweep: repetitions of a trial lie side by side and have seeds of their own") {
  Trial trial{"abc", {}, {}};
  trial.settings.seed = 5;
  CHECK(run_directory("s", trial, 0) == "s/trials/abc");
  CHECK(run_directory("s", trial, 2) == "s/trials/abc-2");
  CHECK(run_settings(trial, 0).seed == 5);
  CHECK(run_settings(trial, 2).seed == 7);
}

TEST_CASE("sweep: the record of a run tells how far it is, wherever it lies") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "trials/a";
  RunRecord record = read_run(path);
  CHECK_FALSE(record.visible);
  CHECK_FALSE(record.done(10));

  {
    const JoinedRun joined = join_run(path, "", IfBusy::kReturn);
    joined.run->start();
    write_rungs(joined.run->rungs_path(), {{10, 0.5, 0.875, 1.5}, {30, 0.25, 0.9375, 4}});
    record = read_run(path);
    CHECK_FALSE(record.visible);
    CHECK(record.done(10));
    CHECK_FALSE(record.done(20));
    CHECK(record.at(30)->loss == 0.25);
    CHECK(record.at(30)->accuracy == 0.9375);
    CHECK(record.steps == 30);
    CHECK(record.seconds == 4);

    joined.run->publish();
    record = read_run(path);
    CHECK(record.visible);
    CHECK(record.rungs.size() == 2);
    RunResult result;
    result.steps = 90;
    result.train_seconds = 12;
    result.validation_loss = 0.125;
    result.validation_accuracy = 0.97;
    joined.run->finish(result);
  }
  record = read_run(path);
  CHECK(record.done(1000));
  CHECK(record.at(10)->loss == 0.5);
  CHECK(record.at(90)->loss == 0.125);
  CHECK(record.end->accuracy == 0.97);
  CHECK(record.steps == 90);
  CHECK(record.seconds == 12);
  CHECK_FALSE(record.collapsed);
}

TEST_CASE("sweep: the record of a run that collapsed") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "a";
  const JoinedRun joined = join_run(path, "", IfBusy::kReturn);
  joined.run->start();
  joined.run->collapse({500, 2.5, "dead"});
  const RunRecord record = read_run(path);
  CHECK(record.collapsed);
  CHECK(record.visible);
  CHECK(record.steps == 500);
  CHECK(record.seconds == 2.5);
  CHECK(record.done(10));
  CHECK(record.at(10) == nullptr);
}

TEST_CASE("sweep: files of a run that are not what they should be are bad input") {
  const TemporaryDirectory directory;
  fs::create_directory(directory / "a");
  const auto refused = [&](const char* name, const char* text) {
    for (const char* file : {run_files::kResult, run_files::kCollapse, run_files::kRungs}) {
      fs::remove(directory / "a" / file);
    }
    std::ofstream(directory / "a" / name) << text;
    try {
      read_run(directory / "a");
    } catch (const Error& error) {
      CHECK_THAT(error.what(), contains(name));
      return error.code() == ExitCode::kBadInput;
    }
    return false;
  };
  CHECK(refused("result.json", "{"));
  CHECK(refused("result.json", "[]"));
  CHECK(refused("result.json", R"({"steps": 10})"));
  CHECK(refused(
      "result.json",
      R"({"steps":1,"train_seconds":1,"validation_loss":null,"validation_accuracy":null})"));
  CHECK(refused("collapse.json", R"({"step": "ten"})"));
  CHECK(refused("rungs.csv", ""));
  CHECK(refused("rungs.csv", "a,b\n"));
  CHECK(refused("rungs.csv", "step,validation_loss,validation_accuracy,seconds\n1,2,x\n"));
}

TEST_CASE("sweep: a loss that is not finite, which JSON has no word for, is read as no number") {
  const TemporaryDirectory directory;
  fs::create_directory(directory / "a");
  std::ofstream(directory / "a/result.json")
      << R"({"steps":1,"train_seconds":1,"validation_loss":null,"validation_accuracy":0.5})";
  const RunRecord record = read_run(directory / "a");
  REQUIRE(record.end.has_value());
  CHECK(std::isnan(record.end->loss));
  CHECK(record.end->accuracy == 0.5);
}

}  // namespace
}  // namespace mnist
