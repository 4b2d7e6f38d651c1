#include "train/shared_run.h"

#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "base/error.h"
#include "catch.h"
#include "temporary_directory.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using State = JoinedRun::State;

constexpr const char* kConfig = "lr = 0.1\n";

std::string text_of(const fs::path& path) {
  std::ifstream in(path);
  REQUIRE(in.good());
  return {std::istreambuf_iterator<char>(in), {}};
}

// The exit code of joining that run.
ExitCode refusal(const fs::path& directory, const char* config = kConfig) {
  try {
    join_run(directory, config, IfBusy::kReturn);
  } catch (const Error& error) {
    return error.code();
  }
  return ExitCode::kSuccess;
}

void complete(RunDirectory& run) {
  run.start();
  run.finish({});
}

TEST_CASE("train: a shared run takes its place when it is complete, and is then done for all") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "runs/a";
  {
    const JoinedRun joined = join_run(path, kConfig, IfBusy::kReturn);
    REQUIRE(joined.state == State::kOurs);
    CHECK(joined.run->path() == path);
    CHECK_FALSE(fs::exists(path));
    CHECK(text_of(place_of_work(path) / "config.toml") == kConfig);
    CHECK(join_run(path, kConfig, IfBusy::kReturn).state == State::kBusy);
    complete(*joined.run);
    CHECK(joined.run->result_path() == path / "result.json");
    CHECK(fs::exists(path / "loss.csv"));
    CHECK_FALSE(fs::exists(place_of_work(path)));
  }
  CHECK(join_run(path, kConfig, IfBusy::kWait).state == State::kEnded);
  CHECK(result_of_ended(path)["steps"] == 0);
  CHECK_FALSE(fs::exists(place_of_work(path)));
  CHECK(refusal(path, "lr = 0.2\n") == ExitCode::kUsage);
  // A file of another version or order, with other threads, and defaults that are told.
  CHECK(refusal(path, "format = 2\nseed = 0\nthreads = 3\nlr = 0.1\n") == ExitCode::kSuccess);
}

TEST_CASE("train: a shared run that collapsed is ended too") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "a";
  {
    const JoinedRun joined = join_run(path, kConfig, IfBusy::kReturn);
    joined.run->start();
    joined.run->collapse({7, 0.5, "it died"});
  }
  CHECK(join_run(path, kConfig, IfBusy::kReturn).state == State::kEnded);
  CHECK(read_run_json(path / "collapse.json")["step"] == 7);
  try {
    result_of_ended(path);
    FAIL("it has a result");
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kDiverged);
    CHECK(error.what() == std::string("it died"));
  }
}

TEST_CASE("train: a shared run that was left off is taken over with what it has") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "a";
  {
    const JoinedRun joined = join_run(path, kConfig, IfBusy::kReturn);
    joined.run->start();
    std::ofstream(joined.run->checkpoint_path()) << "state";
  }
  CHECK_FALSE(fs::exists(path));
  CHECK(refusal(path, "lr = 0.2\n") == ExitCode::kUsage);
  {
    const JoinedRun joined = join_run(path, kConfig, IfBusy::kReturn);
    REQUIRE(joined.state == State::kOurs);
    CHECK(text_of(joined.run->checkpoint_path()) == "state");
    joined.run->publish();  // given up
  }
  CHECK(text_of(path / "checkpoint.safetensors") == "state");
  CHECK_FALSE(has_ended(path));
  // Whoever wants it all the same goes on in its place.
  const JoinedRun joined = join_run(path, kConfig, IfBusy::kReturn);
  REQUIRE(joined.state == State::kOurs);
  CHECK(joined.run->checkpoint_path() == path / "checkpoint.safetensors");
  complete(*joined.run);
  CHECK(has_ended(path));
}

TEST_CASE("train: whoever waits for a shared run learns how it ended") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "a";
  const bool left_off = GENERATE(false, true);
  const bool published = GENERATE(false, true);
  if (published) {
    const JoinedRun first = join_run(path, kConfig, IfBusy::kReturn);
    first.run->start();
    first.run->publish();
  }
  JoinedRun joined = join_run(path, kConfig, IfBusy::kReturn);
  State seen = State::kBusy;
  std::thread other([&] { seen = join_run(path, kConfig, IfBusy::kWait).state; });
  joined.run->start();
  if (!left_off) joined.run->finish({});
  joined.run.reset();
  other.join();
  CHECK(seen == (left_off ? State::kOurs : State::kEnded));
}

TEST_CASE("train: a shared run that never started leaves nothing") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "a";
  CHECK(join_run(path, kConfig, IfBusy::kReturn).state == State::kOurs);
  CHECK(fs::is_empty(directory.path()));
  // Killed before its config was written.
  fs::create_directory(place_of_work(path));
  std::ofstream(place_of_work(path) / "train.log") << "";
  CHECK(join_run(path, "lr = 3\n", IfBusy::kReturn).state == State::kOurs);
}

TEST_CASE("train: what is no run is left alone") {
  const TemporaryDirectory directory;
  fs::create_directory(directory / "mine");
  std::ofstream(directory / "mine/notes.txt") << "keep";
  CHECK(refusal(directory / "mine") == ExitCode::kUsage);
  std::ofstream(directory / "file") << "keep";
  CHECK(refusal(directory / "file") == ExitCode::kUsage);
  CHECK(refusal(directory / "file/run") == ExitCode::kFailure);
  CHECK(refusal(".") == ExitCode::kUsage);
  CHECK(refusal("..") == ExitCode::kUsage);
  CHECK(refusal("/") == ExitCode::kUsage);
  CHECK(text_of(directory / "mine/notes.txt") == "keep");
}

}  // namespace
}  // namespace mnist
