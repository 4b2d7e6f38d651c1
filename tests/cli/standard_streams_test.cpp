// Standard streams that are closed, full or left, and the signals of a terminal that goes away.
#include "catch.h"
#include "cli/sandbox.h"

namespace mnist::testing {
namespace {

const std::string kTrainSmall =
    "train --train-data train.csv --test-data none --layers 8,relu --batch-size 20 --threads 1 ";

TEST_CASE("cli: files are never opened in the place of a standard stream") {
  const Sandbox box;
  box.write_images("train.csv", 100, 1);
  REQUIRE(box.mnist(kTrainSmall + "--steps 9 --quiet --out whole").code == 0);
  for (const char* closed : {"0>&-", "1>&-", "2>&-", "0>&- 1>&-", "0>&- 1>&- 2>&-", "1>&- 2>&-"}) {
    INFO(closed);
    const Outcome outcome =
        box.shell("rm -rf run; $MNIST " + kTrainSmall + "--steps 9 --out run " + closed);
    const bool told = std::string(closed).find("1>") == std::string::npos;
    CHECK(outcome.code == (told ? 0 : 1));  // a result that nobody can get is a failure
    CHECK(box.read("run/loss.csv") == box.read("whole/loss.csv"));
    CHECK(box.read("run/weights.safetensors") == box.read("whole/weights.safetensors"));
    for (const std::string& line : lines_of(box.read("run/train.log"))) {
      INFO(line);
      CHECK(line.starts_with("20"));
    }
  }
}

TEST_CASE("cli: progress that nobody reads ends no work") {
  const Sandbox box;
  box.write_images("train.csv", 100, 1);
  const std::string sweep =
      "$MNIST sweep --train-data train.csv --validation 20 --batch-size 20 --steps 30 --grid "
      "'lr=0.01|0.02' --json --out ";
  CHECK(box.shell(sweep + "a 2>/dev/full").json()["complete"] == 2);
  CHECK(box.shell(sweep + "b 2>&-").json()["complete"] == 2);
  CHECK(box.shell("$MNIST " + kTrainSmall + "--epochs 3 --json --out c 2>/dev/full")
            .json()["steps"] == 15);
}

TEST_CASE("cli: a run whose reports nobody reads ends with its checkpoint") {
  const Sandbox box;
  box.write_images("train.csv", 100, 1);
  const std::string train =
      kTrainSmall + "--validation 20 --steps 100000 --report-every 50 --quiet --out ";
  const Outcome left =
      box.shell("$MNIST " + train + "left | head -1 >first; exit ${PIPESTATUS[0]}");
  check_error(left, 1, {"nobody reads standard output", "--resume left"});
  CHECK(box.exists("left/checkpoint.safetensors"));
  const Outcome full = box.shell("$MNIST " + train + "full >/dev/full");
  check_error(full, 1, {"No space left on device", "--resume full"});
  CHECK(box.exists("full/checkpoint.safetensors"));
}

TEST_CASE("cli: whatever is printed, what cannot be printed is told, and a reader may leave") {
  const Sandbox box;
  box.train_small();
  for (const char* command :
       {"--help", "--version", "train --help", "manual", "complete train --", "show run",
        "evaluate run --data test.csv", "predict run test.csv", "show run --json"}) {
    INFO(command);
    for (const char* nowhere : {">/dev/full", ">&-"}) {
      const Outcome outcome = box.shell(std::string("$MNIST ") + command + " " + nowhere);
      CHECK(outcome.code == 1);
      CHECK_THAT(outcome.err, contains("mnist: cannot write to standard output: "));
    }
    const Outcome left = box.shell(std::string("{ sleep 0.1; $MNIST ") + command +
                                   "; } | true; exit ${PIPESTATUS[0]}");
    CHECK(left.code == 0);
    CHECK(left.err.find("mnist: ") == std::string::npos);
  }
}

TEST_CASE("cli: a descriptor that does not block gets all of the output") {
  const Sandbox box;
  if (box.shell("command -v python3").code != 0) {
    skip_test("needs python3");
    return;
  }
  box.train_small();
  box.write_images("many.csv", 20'000, 3);
  const Outcome outcome = box.shell(
      "python3 -c '\n"
      "import fcntl, os, subprocess, time\n"
      "r, w = os.pipe()\n"
      "fcntl.fcntl(w, fcntl.F_SETFL, os.O_NONBLOCK)\n"
      "p = subprocess.Popen([os.environ[\"MNIST\"], \"predict\", \"run\", \"many.csv\"], "
      "stdout=w)\n"
      "os.close(w); time.sleep(0.2)\n"
      "print(open(r).read().count(\"\\n\"), p.wait())'");
  CHECK(outcome.out == "20001 0\n");
  CHECK(outcome.err.starts_with("many.csv: label (first column)"));
  CHECK(lines_of(outcome.err).size() == 1);
}

TEST_CASE("cli: SIGHUP ends a run with its checkpoint, unless it is ignored") {
  const Sandbox box;
  box.write_images("train.csv", 100, 1);
  const std::string train =
      kTrainSmall + "--validation 20 --checkpoint-every 20 --steps 100000 --quiet --out ";
  const Outcome hung = box.shell(kHold + "hold run/checkpoint.safetensors " + train +
                                 "run; kill -HUP $pid; release");
  check_error(hung, 130, {"--resume run"});
  CHECK(box.exists("run/checkpoint.safetensors"));
  const Outcome ignored =
      box.shell("trap '' HUP\n" + kHold + "hold on/checkpoint.safetensors " + train +
                "on; kill -HUP $pid; sleep 0.3; kill -0 $pid && "
                "kill -TERM $pid; release");
  CHECK(ignored.code == 130);
}

TEST_CASE("cli: a limit to the size of files is told as an error") {
  const Sandbox box;
  box.write_images("train.csv", 100, 1);
  const Outcome outcome =
      box.shell("ulimit -f 8; $MNIST " + kTrainSmall + "--steps 5000 --quiet --out run");
  check_error(outcome, 1, {"run/loss.csv", "File too large"});
}

TEST_CASE("cli: gnuplot gets three descriptors and no other") {
  const Sandbox box;
  box.write_images("train.csv", 100, 1);
  box.write("gnuplot",
            "#!/bin/bash\ncat >/dev/null\nfor f in /proc/$$/fd/*; do readlink $f; done >>" +
                box.path("open").string() + "\ntrue\n");
  const Outcome outcome = box.shell("chmod +x gnuplot; PATH=$PWD:$PATH $MNIST " + kTrainSmall +
                                    "--steps 5 --plot --quiet --out run");
  INFO(outcome.err);
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.err, contains("gnuplot has drawn nothing"));
  for (const std::string& name : lines_of(box.read("open"))) {
    INFO(name);
    CHECK(name.find("run") == std::string::npos);
    CHECK(name.find("train.csv") == std::string::npos);
  }
}

}  // namespace
}  // namespace mnist::testing
