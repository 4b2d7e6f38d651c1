#include "train/run_directory.h"

#include <fstream>
#include <set>
#include <sstream>

#include "base/error.h"
#include "catch.h"
#include "temporary_directory.h"
#include "train/shared_run.h"

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

std::unique_ptr<RunDirectory> make(const fs::path& path, bool overwrite) {
  return overwrite ? RunDirectory::replace(path) : RunDirectory::create(path);
}

std::unique_ptr<RunDirectory> start(const fs::path& path, const std::string& config,
                                    bool overwrite = false) {
  auto run = make(path, overwrite);
  run->write_config(config);
  run->start();
  return run;
}

void complete_run(const fs::path& path, const std::string& config, bool overwrite = false) {
  start(path, config, overwrite)->finish({});
}

// What a process leaves that is killed before its run is complete.
void started_run(const fs::path& path, const std::string& config, bool overwrite = false) {
  start(path, config, overwrite);
}

template <class Call>
ExitCode code_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    INFO(error.what());
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    return error.code();
  }
  return ExitCode::kSuccess;
}

ExitCode code_of(const fs::path& path, bool overwrite) {
  return code_of([&] { make(path, overwrite); });
}

std::set<std::string> entries(const fs::path& directory) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    names.insert(entry.path().filename().string());
  }
  return names;
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
    const auto run = RunDirectory::create_by_time();
    run->start();
    CHECK(run->path().parent_path() == "runs");
    paths.insert(run->path());
  }
  CHECK(paths.size() == 5);
}

TEST_CASE("train: a run directory records steps, epochs and the result") {
  const WorkingDirectory here;
  const auto owner = RunDirectory::create("a/b/");
  RunDirectory& run = *owner;
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

TEST_CASE("train: a directory that never started is gone, and what was there before stays") {
  const WorkingDirectory here;
  make("new", false);
  CHECK_FALSE(fs::exists("new"));

  fs::create_directory("mine");
  write_text("mine/notes.txt", "keep");
  make("mine", false)->write_config("x = 1\n");
  CHECK(read_text("mine/notes.txt") == "keep");
  CHECK_FALSE(holds_run("mine"));
  fs::create_directory("empty");
  make("empty", false);
  CHECK(fs::exists("empty"));

  for (const bool complete : {false, true}) {
    const fs::path old = complete ? "complete" : "interrupted";
    (complete ? complete_run : started_run)(old, "first", false);
    const std::set<std::string> files = entries(old);
    {
      const auto run = make(old, true);
      run->write_config("second");
      CHECK(run->path() == old);
      CHECK(entries(old) == files);
    }
    CHECK(entries(old) == files);
    CHECK(read_text(old / "config.toml") == "first");
  }
  CHECK(entries(".") == std::set<std::string>{"complete", "empty", "interrupted", "mine"});
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
  CHECK(read_text("run/config.toml") == "third");
  {
    const auto run = make("run", true);
    CHECK_FALSE(run->previous().has_value());
    run->start();
    CHECK(run->previous() == fs::path("run.previous"));
    run->finish({});
    CHECK_FALSE(run->previous().has_value());
  }
  CHECK(entries(".") == std::set<std::string>{"run"});
  CHECK(fs::exists("run/result.json"));
}

TEST_CASE("train: a run that a process is at work on is neither replaced nor continued") {
  const WorkingDirectory here;
  const auto run = start("run", "first");
  const std::set<std::string> files = entries("run");
  CHECK(code_of("run", true) == ExitCode::kUsage);
  CHECK(code_of([] { RunDirectory::reopen("run"); }) == ExitCode::kUsage);
  CHECK(entries(".") == std::set<std::string>{"run"});
  CHECK(entries("run") == files);

  // Also where it lies in what is to be thrown away.
  complete_run("other", "first");
  const auto previous = start("other.previous", "earlier");
  const auto replacing = make("other", true);
  CHECK(code_of([&] { replacing->start(); }) == ExitCode::kUsage);
  CHECK(read_text("other/config.toml") == "first");
  CHECK(read_text("other.previous/config.toml") == "earlier");
}

TEST_CASE("train: no run begins where another process's shared run is to take its place") {
  const WorkingDirectory here;
  {
    const JoinedRun joined = join_run("run", "lr = 0.1\n", IfBusy::kReturn);
    joined.run->start();
    for (const bool overwrite : {false, true}) {
      CHECK(code_of("run", overwrite) == ExitCode::kUsage);
      CHECK_FALSE(fs::exists("run"));
    }
  }
  CHECK(code_of("run", false) == ExitCode::kSuccess);
}

TEST_CASE("train: of two processes that replace a run, one does") {
  const WorkingDirectory here;
  complete_run("run", "first");
  const auto one = make("run", true);
  CHECK(code_of("run", true) == ExitCode::kUsage);
  one->write_config("second");
  one->start();
  CHECK(code_of("run", true) == ExitCode::kUsage);
  one->finish({});
  CHECK(read_text("run/config.toml") == "second");
}

TEST_CASE("train: what killed processes left is known and removed") {
  const WorkingDirectory here;
  started_run("run", "first");
  const fs::path leftover = "run/.checkpoint.safetensors.tmp-12-3";
  write_text(leftover, "half of it");
  write_text("run/.mine.tmp-12-3", "keep");
  CHECK(code_of("run", true) == ExitCode::kUsage);
  RunDirectory::reopen("run");
  CHECK_FALSE(fs::exists(leftover));
  CHECK(read_text("run/.mine.tmp-12-3") == "keep");
  fs::remove("run/.mine.tmp-12-3");
  write_text(leftover, "half of it");
  // As if killed between its two renames, and before the first of them.
  fs::create_directory(".run.new");
  write_text(".run.new/train.log", "");
  fs::create_directory(".run.old");
  write_text(".run.old/config.toml", "older");
  complete_run("run", "second", true);
  CHECK(entries(".") == std::set<std::string>{"run"});
}

TEST_CASE("train: a run that was killed before it had settings says what to do") {
  const WorkingDirectory here;
  fs::create_directory("run");
  write_text("run/train.log", "");
  const auto message = [](auto&& call) {
    try {
      call();
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(message([] { RunDirectory::reopen("run"); }) ==
        "run holds no run to continue; it has no config.toml, as it was stopped before it began; "
        "start it again with --overwrite");
  CHECK(message([] { RunDirectory::reopen("none"); }).ends_with("it has no config.toml"));
  CHECK(message([] { RunDirectory::create("run"); }) ==
        "run holds a run already; --overwrite replaces it, --continue goes on with it, or choose "
        "another directory");
  complete_run("run", "anew", true);
}

TEST_CASE("train: what resembles a file of a run is none") {
  const WorkingDirectory here;
  complete_run("run", "first");
  for (const char* name : {"weights.safetensors.good", "loss.csv~", ".loss.csv.tmp-1",
                           ".loss.csv.tmp-1-x", "loss.csv.tmp-1-2"}) {
    const fs::path path = fs::path("run") / name;
    write_text(path, "keep");
    CHECK(code_of("run", true) == ExitCode::kUsage);
    CHECK(read_text(path) == "keep");
    fs::remove(path);
  }
}

TEST_CASE("train: a name that JSON or a command line cannot hold is refused") {
  const WorkingDirectory here;
  for (const char* name : {"r\xe9sum\xe9", "two\nlines", "tab\t", "\x1b[31m", "\xc2\x9b"}) {
    CHECK(code_of(name, false) == ExitCode::kUsage);
    CHECK(code_of(name, true) == ExitCode::kUsage);
  }
  CHECK(code_of("", false) == ExitCode::kUsage);
  complete_run("r\u00e9sum\u00e9", "first");
  fs::create_symlink("nowhere", "link");
  CHECK(code_of("link", false) == ExitCode::kFailure);
  fs::create_symlink("loop", "loop");
  CHECK(code_of("loop", false) == ExitCode::kFailure);
}

TEST_CASE(
    "train: a continued run keeps the rows up to its checkpoint, and says which are missing") {
  const WorkingDirectory here;
  const std::string loss = "step,epoch,learning_rate,loss\n1,1,0.1,2\n2,1,0.1,1\n3,2,0.1,0.5\n";
  const std::string epochs =
      "epoch,step,train_loss,validation_loss,validation_accuracy,seconds\n1,2,1.5,,,0.5\n";
  started_run("run", "");
  const auto reopen = [&](const std::string& text, const RecordedSteps& before) {
    write_text("run/loss.csv", text);
    write_text("run/epochs.csv", epochs);
    return RunDirectory::reopen("run")->start(before);
  };
  CHECK(reopen(loss, {2, 2, 1}).empty());
  CHECK(read_text("run/loss.csv") == loss.substr(0, loss.rfind("3,2")));
  CHECK(reopen(loss + "4,2,0.", {3, 3, 1}).empty());
  CHECK(read_text("run/loss.csv") == loss);
  CHECK(reopen(loss + std::string(9, '\0') + "\n", {3, 3, 1}).empty());
  CHECK(read_text("run/loss.csv") == loss);
  const auto missing = reopen(loss, {5, 5, 2});
  REQUIRE(missing.size() == 2);
  CHECK(missing[0] == "run/loss.csv lacks 2 of its 5 rows up to step 5; they are lost");
  CHECK(missing[1] == "run/epochs.csv lacks 1 of its 2 rows up to step 5; they are lost");
  CHECK(reopen("", {1, 1, 0}).size() == 1);
  CHECK(read_text("run/loss.csv") == loss.substr(0, loss.find('\n') + 1));
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
  CHECK(code_of([] { RunDirectory::create_by_time(); }) == ExitCode::kFailure);
}

TEST_CASE("train: a symbolic link to a run stays a link when the run is overwritten") {
  const WorkingDirectory here;
  complete_run("real", "first");
  fs::create_directory_symlink("real", "link");
  complete_run("link", "second", true);
  CHECK(fs::is_symlink("link"));
  CHECK(read_text("real/config.toml") == "second");
}
