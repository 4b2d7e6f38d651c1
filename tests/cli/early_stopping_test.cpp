// --early-stop and --keep of the built program.
#include <fmt/format.h>

#include <string>

#include "catch.h"
#include "cli/sandbox.h"

namespace mnist::testing {
namespace {

struct StoppingData : Sandbox {
  StoppingData() {
    write_images("train.csv", 200, 1);
    write_images("test.csv", 80, 2);
  }
};

// A rate that soon makes a network worse.
const std::string kTraining =
    "--train-data train.csv --test-data test.csv --validation 60 --layers 8,relu --batch-size 20 "
    "--lr 0.5 --schedule constant --epochs 200 ";
const std::string kStopping = kTraining + "--early-stop 4 --keep best ";

TEST_CASE("cli: a run stops early and tells the figures of the weights it keeps") {
  const StoppingData box;
  const Outcome outcome = box.mnist("train " + kStopping + "--out run --json");
  const auto result = outcome.json();
  const auto epochs = lines_of(box.read("run/epochs.csv"));
  const auto kept = result["kept_epoch"].get<std::size_t>();
  REQUIRE(epochs.size() == 1 + kept + 4);
  REQUIRE(epochs.size() < 200);
  CHECK(result["steps"] == 7 * (kept + 4));
  CHECK_THAT(epochs[kept], contains(fmt::format(",{},", result["validation_loss"].dump())));
  CHECK_THAT(outcome.err, contains("stopped after step " + result["steps"].dump() + " of 1400"));
  const auto measured = box.mnist("evaluate run --data test.csv --json").json();
  CHECK(measured["accuracy"] == result["test_accuracy"]);
  CHECK_THAT(box.mnist("show run").out, contains("epoch " + std::to_string(kept)));

  REQUIRE(box.mnist("train --config run/config.toml --out again --quiet").code == 0);
  CHECK(box.read("again/weights.safetensors") == box.read("run/weights.safetensors"));
  REQUIRE(box.mnist("train --config run/config.toml --keep last --out last --quiet").code == 0);
  CHECK(box.read("last/loss.csv") == box.read("run/loss.csv"));
  CHECK(box.read("last/weights.safetensors") != box.read("run/weights.safetensors"));
  // Asked for again it tells the same.
  CHECK(box.mnist("train " + kStopping + "--out run --continue --json").json() == result);
}

TEST_CASE("cli: early stopping and keeping the best need validation rows") {
  const StoppingData box;
  for (const std::string flag : {"--early-stop 3", "--keep best"}) {
    check_error(box.mnist("train " + kSmall + flag + " --out run"), 2, {"--validation"});
    CHECK_FALSE(box.exists("run"));
  }
}

TEST_CASE("cli: a sweep searches over early stopping and what is kept") {
  const StoppingData box;
  const auto json =
      box.mnist("sweep " + kTraining +
                "--grid 'early-stop=0|2' --grid 'keep=best|last' --out s --json --quiet")
          .json();
  CHECK(json["complete"] == 4);
  CHECK(json["steps"] < 4 * 1400);
  CHECK(json["steps"] > 2 * 1400);
}

}  // namespace
}  // namespace mnist::testing
