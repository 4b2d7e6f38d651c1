// A run that uses every feature of training, killed at random moments.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <string>

#include "catch.h"
#include "cli/sandbox.h"

namespace mnist::testing {
namespace {

const std::string kEverything =
    "--train-data train.csv --test-data test.csv --validation 60 --batch-size 20 --epochs 800 "
    "--layers 6c3same,batchnorm,relu,dropout:0.05,maxpool:2,32,batchnorm,relu,dropout:0.2,32,relu "
    "--augment full "
    "--augment-anneal 0.3 --label-smoothing 0.1 --ema 0.99 --max-norm 2 --clip-norm 5 --lr 0.01 "
    "--schedule step --warmup 0.05 --early-stop 150 --keep best --checkpoint-every 50 --quiet ";

// The exit code of timeout where the time was over, but the process ended before it was killed.
constexpr int kEndedInTime = 124;

// MNIST_KILLS says how many there are to be; the few of every day save time.
std::size_t kills_wanted() {
  const char* text = std::getenv("MNIST_KILLS");
  return text == nullptr ? 10 : std::stoul(text);
}

// epochs.csv without the seconds, its last column.
std::string untimed_epochs(const Sandbox& box, const std::string& run) {
  std::string text;
  for (const std::string& line : lines_of(box.read(run + "/epochs.csv"))) {
    text += line.substr(0, line.rfind(',')) + '\n';
  }
  return text;
}

// result.json without what depends on the run's name, the time and the threads.
nlohmann::ordered_json untimed_result(const Sandbox& box, const std::string& run) {
  auto result = nlohmann::ordered_json::parse(box.read(run + "/result.json"));
  for (const char* key :
       {"run", "threads", "load_seconds", "train_seconds", "samples_per_second"}) {
    result.erase(key);
  }
  return result;
}

void check_same_run(const Sandbox& box, const std::string& whole, const std::string& run) {
  CHECK(box.read(run + "/weights.safetensors") == box.read(whole + "/weights.safetensors"));
  CHECK(box.read(run + "/loss.csv") == box.read(whole + "/loss.csv"));
  CHECK(untimed_epochs(box, run) == untimed_epochs(box, whole));
  CHECK(untimed_result(box, run) == untimed_result(box, whole));
  CHECK_FALSE(box.exists(run + "/checkpoint.safetensors"));
}

TEST_CASE("cli: killed at random moments, a run with every feature goes on to the same bytes") {
  using Clock = std::chrono::steady_clock;
  const Sandbox box;
  box.write_images("train.csv", 300, 1);
  box.write_images("test.csv", 80, 2);
  const auto begin = Clock::now();
  REQUIRE(box.mnist("train " + kEverything + "--out whole").code == 0);
  const std::chrono::duration<double> whole = Clock::now() - begin;
  const auto result = untimed_result(box, "whole");
  REQUIRE(result["steps"] < 800 * 12);  // it stops early
  REQUIRE(result["kept_epoch"].get<double>() < result["epochs"].get<double>());

  // Each kill may come at any moment of what the run has left to do. A run that gets to its end is
  // compared, and another one begun, until enough of them were killed.
  // In the foreground timeout waits until the killed process is gone, and its lock with it.
  std::mt19937 random(6);
  std::uniform_real_distribution<double> pause(0.001, 0.7 * whole.count());
  const std::size_t wanted = kills_wanted();
  std::size_t run = 0;
  std::size_t kills = 0;
  bool complete = false;
  while (kills < wanted || !complete) {
    const std::string name = fmt::format("run{}", run);
    const bool begun = box.exists(name + "/config.toml");
    const std::string train =
        begun ? "--resume " + name + " --quiet" : kEverything + "--overwrite --out " + name;
    const std::string threads = fmt::format(" --threads {}", 1 + random() % 3);
    const Outcome outcome =
        kills < wanted
            ? box.shell(fmt::format("timeout --foreground -s KILL {:.3f} $MNIST train {}",
                                    pause(random), train + threads))
            : box.mnist("train " + train + threads);
    INFO("run " << run << ", kill " << kills << ": " << outcome.err);
    complete = outcome.code == 0 || outcome.code == kEndedInTime;
    if (complete) {
      check_same_run(box, "whole", name);
      ++run;
    } else {
      REQUIRE(outcome.code == 128 + 9);
      ++kills;
    }
  }
  CHECK(kills == wanted);
}

}  // namespace
}  // namespace mnist::testing
