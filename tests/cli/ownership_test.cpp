// A run has one owner, and nothing of it is lost before another run takes its place.
#include "catch.h"
#include "cli/sandbox.h"

namespace mnist::testing {
namespace {

const std::string kRun =
    "--train-data train.csv --test-data none --layers 8,relu --batch-size 20 --threads 1 --quiet ";

// A run that was interrupted, with its checkpoint.
void interrupt(const Sandbox& box, const std::string& out) {
  box.write_images("train.csv", 200, 1);
  const Outcome outcome =
      box.shell(kHold + "hold " + out + "/checkpoint.safetensors train " + kRun +
                "--validation 50 --steps 20000 --checkpoint-every 20 --out " + out +
                "; kill -TERM $pid; release; code=$?; rm reports begun; exit $code");
  INFO(outcome.err);
  REQUIRE(outcome.code == 130);
}

TEST_CASE("cli: a run that a process is at work on is not overwritten") {
  const Sandbox box;
  box.write_images("train.csv", 200, 1);
  const std::string train = "train " + kRun + "--validation 50 --checkpoint-every 20 --out run ";
  const Outcome outcome = box.shell(
      kHold + "hold run/checkpoint.safetensors " + train + "--steps 100000; $MNIST " + train +
      "--steps 5 --overwrite 2>refused; echo $? >code; $MNIST train --resume run --quiet "
      "2>>refused; echo $? >>code; kill -TERM $pid; release; exit $?");
  CHECK(outcome.code == 130);
  CHECK(box.read("code") == "2\n2\n");
  CHECK(lines_of(box.read("refused")).size() == 2);
  CHECK_THAT(box.read("refused"), contains("another process is at work on the run in run"));
  CHECK_THAT(box.read("run/config.toml"), contains("steps = 100000\n"));
  CHECK_FALSE(box.exists(".run.new"));
  CHECK_FALSE(box.exists("run.previous"));
}

TEST_CASE("cli: what is to replace a run and does not start leaves it as it was") {
  const Sandbox box;
  interrupt(box, "run");
  const std::set<std::string> files = entries(box.path("run"));
  const std::string checkpoint = box.read("run/checkpoint.safetensors");
  for (const char* mistake : {"--train-data nope.csv", "--layers 5,relu,9,softmax",
                              "--test-data train.csv --layers 3000000", "--batch-size 1000"}) {
    INFO(mistake);
    const Outcome outcome = box.mnist("train " + kRun + mistake + " --out run --overwrite");
    CHECK((outcome.code == 2 || outcome.code == 3));
    CHECK(entries(box.path("run")) == files);
    CHECK(box.read("run/checkpoint.safetensors") == checkpoint);
  }
  // Killed while it reads its data, which never come.
  box.shell(
      "mkfifo slow.csv; $MNIST train --train-data slow.csv --test-data none --quiet --out run "
      "--overwrite & pid=$!; until [ -e .run.new ]; do sleep 0.01; done; kill -9 $pid; wait $pid");
  CHECK(entries(box.path("run")) == files);
  CHECK(box.exists(".run.new"));
  // Replaced all the same; the run that was interrupted is kept until the new one is complete.
  REQUIRE(box.mnist("train " + kRun + "--steps 5 --out run --overwrite").code == 0);
  CHECK(box.exists("run/result.json"));
  CHECK_FALSE(box.exists(".run.new"));
  CHECK_FALSE(box.exists("run.previous"));
}

TEST_CASE("cli: files that look like a run's are kept, leftovers of a kill are not") {
  const Sandbox box;
  box.write_images("train.csv", 200, 1);
  const std::string train = "train " + kRun + "--steps 5 --out run ";
  REQUIRE(box.mnist(train).code == 0);
  box.write("run/.checkpoint.safetensors.tmp-1-2", "part");
  REQUIRE(box.mnist(train + "--overwrite").code == 0);
  box.write("run/checkpoint.safetensors", "no longer needed");
  REQUIRE(box.mnist("train --resume run").code == 0);
  CHECK_FALSE(box.exists("run/checkpoint.safetensors"));
  box.write("run/weights.safetensors.good", "mine");
  check_error(box.mnist(train + "--overwrite"), 2, {"run/weights.safetensors.good", "move it"});
  CHECK(box.read("run/weights.safetensors.good") == "mine");
}

TEST_CASE("cli: nothing is written over what is read, and no path is empty") {
  const Sandbox box;
  box.train_small();
  box.shell("ln -s test.csv link.csv");
  const std::string data = box.read("test.csv");
  const std::string weights = box.read("run/weights.safetensors");
  for (const char* command :
       {"predict run test.csv -o test.csv", "predict run test.csv -o link.csv",
        "predict run link.csv -o ./test.csv", "predict run test.csv -o run/weights.safetensors",
        "evaluate run --data test.csv --mistakes test.csv",
        "evaluate run --data test.csv --mistakes run/weights.safetensors",
        "show test.csv --augment affine -o test.csv"}) {
    INFO(command);
    check_error(box.mnist(command), 2, {"over what is read"});
    CHECK(box.read("test.csv") == data);
    CHECK(box.read("run/weights.safetensors") == weights);
  }
  for (const char* command : {"predict run test.csv", "show test.csv --augment affine", "plot run",
                              "report run", "export run"}) {
    INFO(command);
    check_error(box.mnist(std::string(command) + " -o ''"), 2, {"--output", "empty"});
  }
}

TEST_CASE("cli: a result that is none, and an event file that is none, are no crash") {
  const Sandbox box;
  interrupt(box, "run");
  for (const char* result : {"{}", "", "[]", "{\"run\": 1}", "null"}) {
    box.write("run/result.json", result);
    check_error(box.mnist("train --resume run"), 3, {"run/result.json"});
    check_error(box.mnist("show run"), 3, {"run/result.json"});
  }
  std::filesystem::remove(box.path("run/result.json"));
  box.shell("mv run/config.toml kept; mkdir run/config.toml");
  check_error(box.mnist("train --resume run"), 3, {"run/config.toml"});
  box.shell("rmdir run/config.toml; mv kept run/config.toml");
  // A record of nearly 2^63 bytes.
  box.write("run/events.out.tfevents.mnist", "\xff\xff\xff\xff\xff\xff\xff\x7f\x01\x02\x03\x04");
  CHECK(box.mnist("train --resume run --quiet").code == 0);
}

TEST_CASE("cli: a plot that fails after training leaves the result") {
  const Sandbox box;
  box.write_images("train.csv", 200, 1);
  box.write("gnuplot", "#!/bin/sh\ntest \"$(cat)\" = exit || exit 1\n");
  const Outcome outcome = box.shell("chmod +x gnuplot; PATH=$PWD:$PATH $MNIST train " + kRun +
                                    "--steps 5 --plot --json --out run");
  CHECK(outcome.code == 1);
  CHECK(nlohmann::json::parse(outcome.out)["steps"] == 5);
  CHECK(lines_of(outcome.err).size() == 1);
}

TEST_CASE("cli: a last step that leaves no numbers is a collapse, and one trial's ends no sweep") {
  const Sandbox box;
  box.write_images("train.csv", 200, 1);
  check_error(box.mnist("train " + kRun + "--steps 1 --lr 3e38 --out run"), 4,
              {"collapsed", "last"});
  CHECK(box.exists("run/collapse.json"));
  CHECK_FALSE(box.exists("run/weights.safetensors"));
  const Outcome sweep = box.mnist(
      "sweep --train-data train.csv --validation 50 --batch-size 20 --steps 1 --quiet --jobs 1 "
      "--grid 'lr=0.01|3e38|0.1' --json --out sweep");
  CHECK(sweep.json()["complete"] == 2);
  CHECK(sweep.json()["collapsed"] == 1);
  CHECK(box.mnist("sweep --collect sweep --json").json()["collapsed"] == 1);
}

}  // namespace
}  // namespace mnist::testing
