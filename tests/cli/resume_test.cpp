// Interrupted runs, taken up again by the built program.
#include <map>
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

// The bytes of all that a run holds.
std::map<std::string, std::string> files_of(const Sandbox& box, const std::string& run) {
  std::map<std::string, std::string> files;
  for (const std::string& name : entries(box.path(run))) files[name] = box.read(run + "/" + name);
  return files;
}

TEST_CASE("cli: a complete run is trained further in another directory, and stays as it is") {
  const Sandbox box;
  box.write_images("train.csv", 200, 1);
  box.write_images("test.csv", 50, 2);
  const std::string settings =
      kSmall + "--optimizer adam --schedule constant --class-weights balanced --quiet ";
  REQUIRE(box.mnist("train " + settings + "--epochs 2 --out run").code == 0);
  REQUIRE(box.mnist("train " + settings + "--epochs 5 --out whole").code == 0);
  const auto before = files_of(box, "run");
  const Outcome more = box.mnist("train --resume run --epochs 3 --out more --quiet --json");
  REQUIRE(more.code == 0);
  CHECK(more.json()["steps"] == 30);
  CHECK(box.read("more/weights.safetensors") == box.read("whole/weights.safetensors"));
  CHECK(files_of(box, "run") == before);
  // Its config.toml gives the same again, and its length can be told in steps.
  REQUIRE(box.mnist("train --config more/config.toml --out again --quiet").code == 0);
  CHECK(box.read("again/weights.safetensors") == box.read("more/weights.safetensors"));
  REQUIRE(box.mnist("train --resume run --steps 30 --threads 1 --out steps --quiet").code == 0);
  CHECK(box.read("steps/weights.safetensors") == box.read("more/weights.safetensors"));
  // Without --out, a complete run only tells its result.
  const Outcome told = box.mnist("train --resume run --json");
  CHECK(told.json()["steps"] == 20);
  CHECK(files_of(box, "run") == before);
}

TEST_CASE("cli: a run that is trained further can be interrupted") {
  const Sandbox box;
  box.write_images("train.csv", 200, 1);
  box.write_images("test.csv", 50, 2);
  REQUIRE(box.mnist("train " + kLong + "--steps 1000 --out run").code == 0);
  const std::string further = "train --resume run --steps 30000 --quiet --out ";
  REQUIRE(box.mnist(further + "whole").code == 0);
  const Outcome stopped = box.shell(kHold + "hold more/checkpoint.safetensors " + further +
                                    "more; kill -9 $pid; wait $pid");
  CHECK(stopped.code == 137);
  REQUIRE(box.mnist("train --resume more --quiet").code == 0);
  CHECK(box.read("more/weights.safetensors") == box.read("whole/weights.safetensors"));
}

TEST_CASE("cli: what cannot be trained further is refused") {
  const Sandbox box;
  box.write_images("train.csv", 100, 1);
  box.write_images("test.csv", 30, 2);
  REQUIRE(box.mnist("train " + kSmall + "--steps 5 --out run --quiet").code == 0);
  const std::string further = "train --resume run --steps 5 --out ";
  check_error(box.mnist("train --resume run --out new"), 2, {"--steps", "--epochs"});
  check_error(box.mnist("train --resume run --steps 5"), 2, {"--out"});
  check_error(box.mnist(further + "new --lr 0.5"), 2, {"--resume"});
  check_error(box.mnist(further + "run"), 2, {"run"});
  check_error(box.mnist(further + "run --overwrite"), 2, {"--resume"});
  check_error(box.mnist("train --resume nowhere --steps 5 --out new"), 3, {"nowhere"});
  REQUIRE(box.shell("rm run/optimizer.safetensors").code == 0);
  check_error(box.mnist(further + "new"), 3, {"optimizer.safetensors", "--init-weights"});
  REQUIRE(box.shell("rm run/result.json").code == 0);
  check_error(box.mnist(further + "new"), 3, {"run", "not complete"});
  CHECK_FALSE(box.exists("new"));
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
