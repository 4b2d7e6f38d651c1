// Interrupted runs, taken up again by the built program.
#include <string>

#include "catch.h"
#include "cli/sandbox.h"

namespace mnist::testing {
namespace {

// Long enough for `hold`, four times in a row.
const std::string kLong =
    "--train-data train.csv --test-data test.csv --validation 50 --layers 64,relu,64,relu "
    "--batch-size 20 --lr 0.002 --steps 30000 --checkpoint-every 500 --quiet ";

void compare_with_whole_run(const Sandbox& box) {
  CHECK(box.read("run/weights.safetensors") == box.read("whole/weights.safetensors"));
  CHECK(box.read("run/loss.csv") == box.read("whole/loss.csv"));
  CHECK_FALSE(box.exists("run/checkpoint.safetensors"));
}

TEST_CASE("cli: a killed run goes on to the same bytes") {
  const Sandbox box;
  box.write_images("train.csv", 200, 1);
  box.write_images("test.csv", 50, 2);
  REQUIRE(box.mnist("train " + kLong + "--out whole").code == 0);
  const Outcome outcome = box.shell(
      kHold + "for run in \"" + kLong +
      "--out run\" '--resume run --threads 1 --quiet' '--resume run --quiet' '--resume run'; do\n"
      "  hold run/checkpoint.safetensors train $run; kill -9 $pid; wait $pid; echo $? >>ends\n"
      "done; $MNIST train --resume run --json --quiet");
  REQUIRE(outcome.code == 0);
  CHECK(box.read("ends") == "137\n137\n137\n137\n");
  CHECK(outcome.json()["steps"] == 30000);
  compare_with_whole_run(box);
  // Once complete, it only tells the result again.
  const Outcome again = box.mnist("train --resume run --json");
  CHECK(again.code == 0);
  CHECK(again.json()["steps"] == 30000);
}

TEST_CASE("cli: SIGINT and SIGTERM end a run with its checkpoint and exit code 130") {
  const std::string signals = GENERATE("INT", "TERM", "TERM TERM");
  const Sandbox box;
  box.write_images("train.csv", 200, 1);
  box.write_images("test.csv", 50, 2);
  REQUIRE(box.mnist("train " + kLong + "--out whole").code == 0);
  const Outcome stopped =
      box.shell(kHold + "hold run/checkpoint.safetensors train " + kLong + "--out run; for s in " +
                signals + "; do kill -$s $pid 2>&-; done; release");
  check_error(stopped, 130, {"--resume run"});
  CHECK(box.exists("run/checkpoint.safetensors"));
  REQUIRE(box.mnist("train --resume run --quiet").code == 0);
  compare_with_whole_run(box);
}

TEST_CASE("cli: a log that cannot be written ends a run in one line, and it can go on") {
  const Sandbox box;
  box.write_images("train.csv", 200, 1);
  box.write_images("test.csv", 50, 2);
  REQUIRE(box.mnist("train " + kLong + "--out whole").code == 0);
  box.shell(kHold + "hold run/checkpoint.safetensors train " + kLong +
            "--out run; kill -TERM $pid; release");
  REQUIRE(box.shell("ln -sf /dev/full run/train.log").code == 0);
  check_error(box.mnist("train --resume run --quiet"), 1, {"run/train.log", "No space left"});
  REQUIRE(box.shell("rm run/train.log; $MNIST train --resume run --quiet").code == 0);
  compare_with_whole_run(box);
}

TEST_CASE("cli: --continue trains a run once, however often and from wherever it is asked for") {
  const Sandbox box;
  box.write_images("train.csv", 200, 1);
  box.write_images("test.csv", 50, 2);
  REQUIRE(box.mnist("train " + kLong + "--out whole").code == 0);
  const std::string train = "train " + kLong + "--out run --continue ";
  // Killed, asked for again, at the same time by another, who computes it differently.
  const Outcome outcome =
      box.shell(kHold + "hold .run/checkpoint.safetensors " + train +
                "; kill -9 $pid; wait $pid;"
                "$MNIST " +
                train + "--json >a & one=$!; $MNIST " + train +
                "--threads 3 --first-layer dense --checkpoint-every 7 --json >b & other=$!;"
                "wait $one && wait $other && cmp a b && cat a");
  CHECK(outcome.json()["run"] == "run");
  compare_with_whole_run(box);
  const Outcome stopped = box.shell("$MNIST " + train + "--seed 1 & wait $!");
  check_error(stopped, 2, {"run", "other settings"});
}

TEST_CASE("cli: a run that collapsed says so again") {
  const Sandbox box;
  box.write_images("train.csv", 200, 1);
  const std::string train =
      "train --train-data train.csv --test-data none --optimizer sgd --lr 1e30 --schedule constant "
      "--layers 8,relu --quiet --out run ";
  const Outcome outcome = box.mnist(train + "--continue");
  check_error(outcome, 4, {"collapsed", "1e+30"});
  CHECK(box.exists("run/collapse.json"));
  for (const std::string& again : {train + "--continue", std::string("train --resume run")}) {
    const Outcome told = box.mnist(again);
    CHECK(told.code == 4);
    CHECK(told.err == outcome.err);
  }
}

TEST_CASE("cli: what cannot be resumed is refused") {
  const Sandbox box;
  box.write_images("train.csv", 100, 1);
  box.write_images("test.csv", 30, 2);
  check_error(box.mnist("train --resume nowhere"), 3, {"nowhere"});
  REQUIRE(box.mnist("train " + kSmall + "--steps 5 --out run").code == 0);
  check_error(box.mnist("train --resume run --lr 0.5"), 2, {"--resume"});
  check_error(box.mnist("train --resume run --out other"), 2, {"--resume"});
  // Other data under the same name.
  const Outcome stopped = box.shell(kHold + "hold long/checkpoint.safetensors train " + kLong +
                                    "--out long; kill -TERM $pid; release");
  REQUIRE(stopped.code == 130);
  box.write_images("train.csv", 101, 3);
  check_error(box.mnist("train --resume long --quiet"), 3, {"checkpoint"});
}

}  // namespace
}  // namespace mnist::testing
