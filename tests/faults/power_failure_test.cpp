// Power fails after each call that changes the disk, and what was not synced is lost: every run and
// every sweep is continued to the bytes that it would have had, or says that there is none.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "catch.h"
#include "cli/sandbox.h"
#include "faults/disk_journal.h"
#include "faults/faults.h"

namespace mnist::testing {
namespace {

const std::string kRun =
    "--train-data train.csv --test-data test.csv --validation 60 --layers 8,relu --batch-size 20 "
    "--steps 60 --checkpoint-every 15 --threads 1 --quiet ";

const std::string kSweep =
    "sweep --train-data train.csv --validation 60 --layers 8,relu --batch-size 20 --steps 30 "
    "--checkpoint-every 10 --threads 1 --quiet --jobs 2 ";

void write_data(const Sandbox& box) {
  box.write_images("train.csv", 200, 1);
  box.write_images("test.csv", 50, 2);
}

// What a command leaves is on disk when it ends; its log need not be.
void check_durable(DiskState left, DiskState synced) {
  const auto is_log = [](const auto& file) { return file.first.ends_with("train.log"); };
  std::erase_if(left, is_log);
  std::erase_if(synced, is_log);
  for (const auto& [name, bytes] : left) {
    INFO(name);
    CHECK((synced.contains(name) && synced.at(name) == bytes));
  }
}

// The states of the directory `disk` that power failures leave during a command, which succeeds.
std::vector<DiskState> states_of(const Sandbox& box, const std::string& arguments) {
  std::filesystem::create_directories(box.path("disk"));
  const DiskState before = read_disk(box.path("disk"));
  const Outcome outcome =
      box.shell("rm -f journal; " + with_faults("disk", "MNIST_FAULTS_JOURNAL=journal") +
                "$MNIST " + arguments);
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
  auto states = states_after_power_failures(read_journal(box.path("journal")), before);
  check_durable(read_disk(box.path("disk")), states.back());
  return states;
}

void boot(const Sandbox& box, const DiskState& state) {
  std::filesystem::remove_all(box.path("disk"));
  std::filesystem::create_directories(box.path("disk"));
  write_disk(state, box.path("disk"));
}

// Continues the run in each of the states.
void check_states(const Sandbox& box, const std::vector<DiskState>& states,
                  const std::string& expected) {
  bool safe = false;  // once a checkpoint was on disk, nothing is ever lost again
  std::size_t continued = 0;
  for (std::size_t i = 0; i < states.size(); ++i) {
    INFO("state " << i << " of " << states.size());
    const DiskState& state = states[i];
    safe = safe || state.contains("run/checkpoint.safetensors");
    boot(box, state);
    const Outcome outcome = box.mnist("train --resume disk/run");
    INFO(outcome.err);
    if (!safe && outcome.code == 3) {
      check_error(outcome, 3, {"disk/run", "holds no run"});
      continue;
    }
    REQUIRE(outcome.code == 0);
    CHECK(bytes_of_run(box, "disk/run") == expected);
    CHECK_THAT(outcome.err, !contains("lacks"));
    ++continued;
  }
  CHECK(continued > 3);
}

TEST_CASE("faults: a run survives a power failure at any moment") {
  const Sandbox box;
  write_data(box);
  const auto states = states_of(box, "train " + kRun + "--tensorboard --out disk/run");
  const std::string whole = bytes_of_run(box, "disk/run");
  CHECK(states.size() > 10);
  check_states(box, states, whole);
}

TEST_CASE("faults: so does a run that is continued") {
  const Sandbox box;
  write_data(box);
  const auto first = states_of(box, "train " + kRun + "--out disk/run");
  const std::string whole = bytes_of_run(box, "disk/run");
  const auto half = std::find_if(first.begin(), first.end(), [](const DiskState& state) {
    return state.contains("run/checkpoint.safetensors");
  });
  REQUIRE(half != first.end());
  boot(box, *half);
  // What a kill, unlike a power failure, leaves behind the checkpoint.
  box.shell("echo 16,2,0.1,0.5 >>disk/run/loss.csv; echo 17,2, >>disk/run/loss.csv");
  check_states(box, states_of(box, "train --resume disk/run --quiet"), whole);
}

TEST_CASE("faults: a run that replaces another loses neither to a power failure") {
  const Sandbox box;
  write_data(box);
  REQUIRE(box.mnist("train " + kRun + "--seed 5 --out disk/run").code == 0);
  const std::string old = box.read("disk/run/weights.safetensors");
  const auto states = states_of(box, "train " + kRun + "--out disk/run --overwrite");
  const std::string whole = box.read("disk/run/weights.safetensors");
  CHECK(old != whole);
  for (const DiskState& state : states) {
    const auto holds = [&](const char* file, const std::string& bytes) {
      const auto found = state.find(file);
      return found != state.end() && found->second == bytes;
    };
    CHECK((holds("run/weights.safetensors", old) ||
           holds("run.previous/weights.safetensors", old) ||
           holds("run/weights.safetensors", whole)));
  }
}

TEST_CASE("faults: a sweep survives a power failure at any moment") {
  const Sandbox box;
  write_data(box);
  const std::string sweep =
      kSweep +
      GENERATE("--grid 'lr=0.01|0.1|1e-3' ",
               "--method halving --sample 'lr=log(1e-3,0.1)' --trials 4 --reduction 2 ") +
      "--out disk/sweep";
  const auto states = states_of(box, sweep);
  const std::string trials = box.read("disk/sweep/trials.csv");
  for (std::size_t i = 0; i < states.size(); ++i) {
    INFO("state " << i << " of " << states.size());
    boot(box, states[i]);
    const Outcome outcome = box.mnist(sweep);
    INFO(outcome.err);
    REQUIRE(outcome.code == 0);
    CHECK(untimed(box.read("disk/sweep/trials.csv")) == untimed(trials));
  }
}

}  // namespace
}  // namespace mnist::testing
