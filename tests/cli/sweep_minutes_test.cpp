// mnist sweep --minutes.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

#include "catch.h"
#include "cli/sweeps.h"

namespace mnist::testing {
namespace {

const std::string kData = "sweep --train-data train.csv --test-data test.csv ";

TEST_CASE("cli: a search within minutes leaves the best settings and the network they train") {
  const SmallData box;
  const Outcome outcome = box.mnist(kData + "--minutes 0.02 --out s --json --quiet");
  const auto json = outcome.json();
  CHECK(outcome.err.empty());
  CHECK(json["complete"] == 3);
  CHECK(json["result"]["test_accuracy"].is_number());
  CHECK(entries(box.path("s")) == std::set<std::string>{".lock", "space.toml", "speeds.csv",
                                                        "trials", "trials.csv", "best.toml",
                                                        "best"});
  // The final training has all rows, and alone sees the test data.
  REQUIRE(box.mnist("train --config s/best.toml --out again --quiet").code == 0);
  CHECK(box.read("again/weights.safetensors") == box.read("s/best/weights.safetensors"));
  CHECK_THAT(box.read("s/best.toml"), contains("validation = 0.0"));
  for (const auto& trial : json["best"]) {
    const std::string run = trial["run"];
    CHECK(box.mnist("show --json " + run).json()["result"]["test_accuracy"].is_null());
    REQUIRE(box.mnist("train --config " + run + "/config.toml --out t --overwrite --quiet").code ==
            0);
    CHECK(box.read("t/weights.safetensors") == box.read(run + "/weights.safetensors"));
  }
  // What is there is not made again.
  const std::string log = box.read("s/best/train.log");
  CHECK(box.mnist(kData + "--minutes 0.02 --out s --json --quiet").json() == json);
  CHECK(box.read("s/best/train.log") == log);
  check_error(box.mnist(kData + "--minutes 0.03 --out s"), 2, {"other settings"});
  // Other commands know the directory.
  CHECK(box.mnist("sweep --collect s --json").json()["best"] == json["best"]);
  CHECK(box.mnist("report s").code == 0);
  CHECK(box.mnist("evaluate s/best --data test.csv").code == 0);
  const Outcome told = box.mnist(kData + "--minutes 0.02 --out s");
  CHECK_THAT(told.out, contains("3 complete") && contains("test accuracy"));
}

TEST_CASE("cli: a search that takes longer than its minutes still ends in a network that learned") {
  const SmallData box;
  // Thirty milliseconds, which what is written takes alone.
  const auto json = box.mnist(kData + "--minutes 0.0005 --out s --json --quiet").json();
  // At least as long as its trial: one of the best, several of which may be equally good.
  const auto steps = json["result"]["steps"].get<std::size_t>();
  CHECK(std::ranges::any_of(json["best"], [&](const auto& trial) {
    return steps >= trial["steps"].template get<std::size_t>();
  }));
  CHECK(steps > 10);
}

TEST_CASE("cli: a search whose trials stop early trains the best of them on all rows") {
  const SmallData box;
  const Outcome outcome =
      box.mnist(kData + "--minutes 0.02 --early-stop 3 --keep best --out s --json --quiet");
  REQUIRE(outcome.code == 0);
  CHECK(outcome.json()["result"]["validation_loss"].is_null());
}

TEST_CASE("cli: an interrupted search within minutes goes on with the same trials") {
  const SmallData box;
  const std::string search = kData + "--minutes 0.1 --out s --quiet";
  const Outcome stopped = box.shell(
      "\"$MNIST\" " + search + " & pid=$!\n" +
      "until ls s/trials/*/result.json s/speeds.csv >/dev/null 2>&1; do sleep 0.02; done\n"
      "kill -INT $pid; wait $pid");
  REQUIRE(stopped.code == 130);
  CHECK_THAT(stopped.err, contains("the same command goes on"));
  CHECK_FALSE(box.exists("s/best"));
  const std::string speeds = box.read("s/speeds.csv");
  REQUIRE(box.mnist(search).code == 0);
  CHECK(box.read("s/speeds.csv") == speeds);
  // No run but those that these speeds ask for.
  CHECK(entries(box.path("s/trials")).size() == 3);
  box.write("s/speeds.csv", "id,steps_per_second\nabc,0\n");
  check_error(box.mnist(search), 3, {"s/speeds.csv", "abc,0", "remove s"});
}

TEST_CASE("cli: what a search within minutes is given is not searched") {
  const SmallData box;
  REQUIRE(box.mnist(kData + "--minutes 0.02 --layers 8,relu --lr 0.01 --out s --quiet").code == 0);
  CHECK(sweep_rows(box, "s")[0].starts_with("id,weight-decay,label-smoothing,validation_accuracy"));
  CHECK_THAT(box.read("s/best.toml"), contains("layers = \"8,relu\"") && contains("lr = 0.01"));
  for (const char* flags : {"--grid lr=1", "--steps 5", "--epochs 2", "--trials 3", "--seeds 2",
                            "--shard 1/2", "--print-commands"}) {
    INFO(flags);
    check_error(box.mnist(kData + "--minutes 1 " + flags), 2, {"--minutes"});
  }
  for (const char* minutes : {"0", "-1", "nan", "x"}) {
    INFO(minutes);
    check_error(box.mnist(kData + fmt::format("--minutes {} --out n", minutes)), 2, {"minutes"});
    CHECK_FALSE(box.exists("n"));
  }
}

}  // namespace
}  // namespace mnist::testing
