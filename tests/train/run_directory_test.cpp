#include "train/run_directory.h"

#include <fstream>
#include <set>
#include <sstream>

#include "base/error.h"
#include "catch.h"
#include "temporary_directory.h"

using namespace mnist;
namespace fs = std::filesystem;

namespace {

// An empty working directory as long as it lives.
class WorkingDirectory {
 public:
  WorkingDirectory() { fs::current_path(temporary_.path()); }
  ~WorkingDirectory() { fs::current_path(before_); }
  WorkingDirectory(const WorkingDirectory&) = delete;
  WorkingDirectory& operator=(const WorkingDirectory&) = delete;

 private:
  fs::path before_ = fs::current_path();
  TemporaryDirectory temporary_;
};

std::string read_text(const fs::path& path) {
  std::ifstream in(path);
  REQUIRE(in.good());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_text(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

void complete_run(const fs::path& path, const std::string& config, bool overwrite = false) {
  RunDirectory run(path, overwrite);
  run.write_config(config);
  run.start();
  run.finish({});
}

void started_run(const fs::path& path, const std::string& config, bool overwrite = false) {
  RunDirectory run(path, overwrite);
  run.write_config(config);
  run.start();
}

ExitCode code_of(const fs::path& path, bool overwrite) {
  try {
    RunDirectory run(path, overwrite);
  } catch (const Error& error) {
    INFO(error.what());
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    return error.code();
  }
  return ExitCode::kSuccess;
}

}  // namespace

TEST_CASE("train: a run is named after its UTC start") {
  using namespace std::chrono;
  CHECK(run_name(system_clock::from_time_t(1711620930)) == "20240328T101530Z");
}

TEST_CASE("train: runs that start in the same second do not share a directory") {
  const WorkingDirectory here;
  std::set<fs::path> paths;
  for (int i = 0; i < 5; ++i) {
    RunDirectory run("", false);
    run.start();
    CHECK(run.path().parent_path() == "runs");
    paths.insert(run.path());
  }
  CHECK(paths.size() == 5);
}

TEST_CASE("train: a run directory records steps, epochs and the result") {
  const WorkingDirectory here;
  RunDirectory run("a/b/", false);
  CHECK(run.path() == "a/b");
  run.write_config("steps = 2\n");
  run.start();
  run.record(StepRecord{1, 1, 0.1f, 2.5f});
  run.record(StepRecord{2, 1, 1e-8f, 0.33333334f});
  run.record(EpochRecord{1, 2, 1.25, std::nullopt, std::nullopt, 0.5});
  run.record(EpochRecord{2, 4, 0.25, 0.75, 0.875, 1.5});
  RunResult result;
  result.run = "a/b";
  result.test_accuracy = 0.5;
  run.finish(result);

  CHECK(read_text("a/b/config.toml") == "steps = 2\n");
  CHECK(read_text("a/b/loss.csv") ==
        "step,epoch,learning_rate,loss\n1,1,0.1,2.5\n2,1,1e-08,0.33333334\n");
  CHECK(read_text("a/b/epochs.csv") ==
        "epoch,step,train_loss,validation_loss,validation_accuracy,seconds\n"
        "1,2,1.25,,,0.5\n2,4,0.25,0.75,0.875,1.5\n");
  const auto json = nlohmann::ordered_json::parse(read_text("a/b/result.json"));
  std::vector<std::string> keys;
  for (const auto& item : json.items()) keys.push_back(item.key());
  CHECK(keys == std::vector<std::string>{"run", "layers", "parameters", "seed", "threads", "steps",
                                         "epochs", "kept_epoch", "load_seconds", "train_seconds",
                                         "samples_per_second", "train_loss", "validation_loss",
                                         "validation_accuracy", "test_accuracy", "test_error",
                                         "test_loss"});
  CHECK(json["run"] == "a/b");
  CHECK(json["test_accuracy"] == 0.5);
  CHECK(json["validation_accuracy"].is_null());
}

TEST_CASE("train: a directory that never started is gone, and what was there before is back") {
  const WorkingDirectory here;
  { RunDirectory run("new", false); }
  CHECK_FALSE(fs::exists("new"));

  fs::create_directory("mine");
  write_text("mine/notes.txt", "keep");
  {
    RunDirectory run("mine", false);
    run.write_config("x = 1\n");
  }
  CHECK(read_text("mine/notes.txt") == "keep");
  CHECK_FALSE(holds_run("mine"));

  complete_run("old", "first");
  {
    RunDirectory run("old", true);
    run.write_config("second");
    CHECK(read_text("old.previous/config.toml") == "first");
  }
  CHECK(read_text("old/config.toml") == "first");
  CHECK_FALSE(fs::exists("old.previous"));
}

TEST_CASE("train: a directory that holds a run is refused unless it may be overwritten") {
  const WorkingDirectory here;
  complete_run("run", "first");
  CHECK(code_of("run", false) == ExitCode::kUsage);
  CHECK(read_text("run/config.toml") == "first");
  complete_run("run", "second", true);
  CHECK(read_text("run/config.toml") == "second");
  CHECK_FALSE(fs::exists("run.previous"));
}

TEST_CASE("train: the run before is kept until a new one is complete") {
  const WorkingDirectory here;
  complete_run("run", "first");
  started_run("run", "second", true);  // and fails
  CHECK(read_text("run/config.toml") == "second");
  CHECK(read_text("run.previous/config.toml") == "first");

  started_run("run", "third", true);  // an incomplete run replaces no complete one
  CHECK(read_text("run.previous/config.toml") == "first");
  {
    RunDirectory run("run", true);
    REQUIRE(run.previous().has_value());
    CHECK(*run.previous() == "run.previous");
    run.start();
    run.finish({});
    CHECK_FALSE(run.previous().has_value());
  }
  CHECK_FALSE(fs::exists("run.previous"));
  CHECK(fs::exists("run/result.json"));
}

TEST_CASE("train: overwriting never removes what is no part of a run") {
  const WorkingDirectory here;
  complete_run("run", "first");
  write_text("run/notes.txt", "keep");
  CHECK(code_of("run", true) == ExitCode::kUsage);
  CHECK(read_text("run/notes.txt") == "keep");
  fs::remove("run/notes.txt");

  fs::create_directory("run.previous");
  write_text("run.previous/notes.txt", "keep");
  CHECK(code_of("run", true) == ExitCode::kUsage);
  CHECK(read_text("run.previous/notes.txt") == "keep");
  CHECK(read_text("run/config.toml") == "first");

  fs::create_directory("project");
  write_text("project/config.toml", "mine");
  fs::create_directory("project/weights.safetensors.d");
  CHECK(code_of("project", true) == ExitCode::kUsage);
  CHECK(read_text("project/config.toml") == "mine");
}

TEST_CASE("train: a directory that cannot be written is a failure that names it") {
  const WorkingDirectory here;
  write_text("file", "");
  CHECK(code_of("file", false) == ExitCode::kFailure);
  CHECK(code_of("file/run", false) == ExitCode::kFailure);
  write_text("runs", "");
  CHECK(code_of("", false) == ExitCode::kFailure);
}

TEST_CASE("train: a symbolic link to a run stays a link when the run is overwritten") {
  const WorkingDirectory here;
  complete_run("real", "first");
  fs::create_directory_symlink("real", "link");
  complete_run("link", "second", true);
  CHECK(fs::is_symlink("link"));
  CHECK(read_text("real/config.toml") == "second");
}
