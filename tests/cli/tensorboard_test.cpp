// Event files, read by software that others wrote (see tests/node).
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/split.h"
#include "catch.h"
#include "cli/sandbox.h"
#include "test_paths.h"

namespace mnist::testing {
namespace {

const std::string kNode = std::string(MNIST_FIXTURES_DIR) + "/../node";
const std::string kEvents = "/events.out.tfevents.mnist";

bool has_reader() {
  if (std::filesystem::exists(kNode + "/node_modules/tfrecord-stream")) return true;
  skip_test("needs Node.js and npm install in tests/node");
  return false;
}

using Rows = std::vector<std::pair<std::size_t, float>>;  // steps and values

// What an event file holds, by tag.
std::map<std::string, Rows> scalars_of(const Sandbox& box, const std::string& run) {
  const Outcome outcome = box.shell("node " + kNode + "/read_events.cjs " + run + kEvents);
  const auto events = outcome.json();
  REQUIRE(!events.empty());
  CHECK(events[0]["file_version"] == "brain.Event:2");
  std::map<std::string, Rows> scalars;
  double time = 1.7e9;  // in the year 2023
  for (std::size_t i = 1; i < events.size(); ++i) {
    CHECK(events[i]["wall_time"].get<double>() >= time);
    time = events[i]["wall_time"].get<double>();
    for (const auto& value : events[i]["summary"]["value"]) {
      scalars[value["tag"]].emplace_back(events[i]["step"], value["simple_value"].get<float>());
    }
  }
  return scalars;
}

// The values of a column of one of the run's own files; a row may lack one.
Rows column(const Sandbox& box, const std::string& file, std::size_t step, std::size_t value) {
  Rows rows;
  const std::vector<std::string> lines = lines_of(box.read(file));
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto fields = split(lines[i], ',');
    if (fields[value].empty()) continue;
    rows.emplace_back(std::stoul(std::string(fields[step])), std::stof(std::string(fields[value])));
  }
  return rows;
}

// Every row of the run's own files is there, once and in order.
void check_events(const Sandbox& box, const std::string& run) {
  INFO(run);
  auto scalars = scalars_of(box, run);
  CHECK(scalars.size() == 5);
  CHECK(scalars["train/loss"] == column(box, run + "/loss.csv", 0, 3));
  CHECK(scalars["train/learning_rate"] == column(box, run + "/loss.csv", 0, 2));
  CHECK(scalars["train/epoch_loss"] == column(box, run + "/epochs.csv", 1, 2));
  CHECK_FALSE(scalars["validation/loss"].empty());
  CHECK(scalars["validation/loss"] == column(box, run + "/epochs.csv", 1, 3));
  CHECK(scalars["validation/accuracy"] == column(box, run + "/epochs.csv", 1, 4));
}

// An epoch has five steps, so that the reports of `hold` are those of the epochs.
const std::string kWithEvents =
    "train --train-data train.csv --test-data none --validation 50 --layers 64,relu,64,relu "
    "--batch-size 50 --lr 0.002 --steps 15000 --log-every 10 --checkpoint-every 500 --quiet ";

class EventData : public Sandbox {
 public:
  EventData() { write_images("train.csv", 300, 1); }
};

TEST_CASE("cli: an independent reader takes the event file of --tensorboard") {
  if (!has_reader()) return;
  const EventData box;
  REQUIRE(box.mnist(kWithEvents + "--steps 200 --out plain").code == 0);
  CHECK_FALSE(box.exists("plain" + kEvents));
  REQUIRE(box.mnist(kWithEvents + "--steps 200 --out run --tensorboard").code == 0);
  check_events(box, "run");
  CHECK(box.read("run/config.toml") == box.read("plain/config.toml"));
  REQUIRE(box.mnist(kWithEvents + "--steps 100 --out run --tensorboard --overwrite").code == 0);
  check_events(box, "run");
}

TEST_CASE("cli: a killed run's event file neither loses nor doubles rows") {
  if (!has_reader()) return;
  const EventData box;
  const std::string kill = "; kill -9 $pid; wait $pid;";
  // --resume goes on with the file, --continue is the same command again.
  const std::string hold = "hold run/checkpoint.safetensors ";
  REQUIRE(box.shell(kHold + hold + kWithEvents + "--out run --tensorboard" + kill + hold +
                    "train --resume run --quiet" + kill + "$MNIST train --resume run --quiet")
              .code == 0);
  check_events(box, "run");
  const std::string again = kWithEvents + "--out again --tensorboard --continue";
  const std::string hold_again = "hold .again/checkpoint.safetensors " + again + kill;
  REQUIRE(box.shell(kHold + hold_again + hold_again + "$MNIST " + again).code == 0);
  check_events(box, "again");
}

TEST_CASE("cli: an event file that is asked for late, or damaged, is whole in the end") {
  if (!has_reader()) return;
  const EventData box;
  const std::string stopped =
      kHold + "hold run/checkpoint.safetensors " + kWithEvents + "--out run ";
  const std::string stop = "; kill -INT $pid; release; ";
  const std::string resume = "$MNIST train --resume run --quiet ";
  REQUIRE(box.shell(stopped + stop + resume + "--tensorboard").code == 0);
  check_events(box, "run");
  // The end of a record that a killed process did not write whole.
  box.shell(stopped + "--overwrite --tensorboard" + stop);
  REQUIRE(box.exists("run/checkpoint.safetensors"));
  REQUIRE(box.shell("head -c 20 run" + kEvents + " >>run" + kEvents + ";" + resume).code == 0);
  check_events(box, "run");
}

TEST_CASE("cli: --tensorboard records each run of a sweep") {
  if (!has_reader()) return;
  const EventData box;
  const std::string sweep =
      "sweep --train-data train.csv --validation 50 --steps 60 --layers 8,relu --batch-size 20 "
      "--grid 'lr=0.001|0.01' --quiet --tensorboard ";
  REQUIRE(box.mnist(sweep + "--out s").code == 0);
  for (const std::string& trial : entries(box.path("s/trials"))) {
    check_events(box, "s/trials/" + trial);
  }
  const Outcome commands = box.mnist(sweep + "--out p --print-commands");
  for (const std::string& line : lines_of(commands.out)) {
    CHECK(line.find(" --tensorboard") != std::string::npos);
  }
}

}  // namespace
}  // namespace mnist::testing
