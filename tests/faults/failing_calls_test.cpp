// The system's calls fail, one after the other: each command ends in one line and the right exit
// code, and continues to the bytes that it would have had.
#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "catch.h"
#include "cli/sandbox.h"
#include "faults/faults.h"

namespace mnist::testing {
namespace {

// All that a command does is in the directory `disk`, which `prepare` fills, and `again` is what a
// user does after a failure. `bytes` are what the command leaves or prints, in the end.
struct Case {
  std::string name;
  std::string prepare;
  std::string command;
  std::string again;
  std::string (*bytes)(const Sandbox& box);
};

const std::string kTrain =
    "train --train-data disk/train.csv --test-data disk/test.csv --validation 60 --layers 8,relu "
    "--batch-size 20 --steps 40 --checkpoint-every 15 --threads 1 --quiet ";

std::string run_bytes(const Sandbox& box) { return bytes_of_run(box, "disk/run"); }
std::string sweep_bytes(const Sandbox& box) { return bytes_of_sweep(box, "disk/sweep"); }
std::string printed(const Sandbox& box) { return box.read("out"); }

// A run that was interrupted after its first checkpoint.
const std::string kInterrupted =
    "$MNIST " + kTrain + "--out disk/run --report-every 20 | head -c 0; ";

const std::vector<Case> kCases = {
    {"train", "", kTrain + "--out disk/run",
     "test -e disk/run/config.toml && $MNIST train --resume disk/run --quiet >out || "
     "$MNIST " +
         kTrain + "--out disk/run >out",
     run_bytes},
    {"resume", kInterrupted, "train --resume disk/run --quiet",
     "$MNIST train --resume disk/run --quiet >out", run_bytes},
    {"sweep", "",
     "sweep --train-data disk/train.csv --validation 60 --layers 8,relu --batch-size 20 --steps 20 "
     "--checkpoint-every 8 --threads 1 --quiet --jobs 1 --grid 'lr=0.01|0.1' --out disk/sweep",
     "", sweep_bytes},
    {"evaluate", "$MNIST " + kTrain + "--out disk/run >out; ",
     "evaluate disk/run --data disk/test.csv --threads 1", "", printed},
    {"predict", "$MNIST " + kTrain + "--out disk/run >out; gzip -k disk/test.csv; ",
     "predict disk/run disk/test.csv.gz", "", printed},
};

void prepare(const Sandbox& box, const Case& one) {
  std::filesystem::remove_all(box.path("disk"));
  std::filesystem::create_directories(box.path("disk"));
  box.write_images("disk/train.csv", 200, 1);
  box.write_images("disk/test.csv", 50, 2);
  box.shell(one.prepare);
}

Outcome run(const Sandbox& box, const Case& one, const std::string& settings) {
  return box.shell(with_faults("disk", settings) + "\"$MNIST\" " + one.command +
                   " >out; code=$?; cat out; exit $code");
}

// The exit code 0 with the bytes that are expected, or one line on standard error.
void check_end(const Sandbox& box, const Case& one, const Outcome& outcome,
               const std::string& expected) {
  INFO("exit code " << outcome.code << ": " << outcome.err);
  // Beside what a command says of its data.
  std::vector<std::string> errors = lines_of(outcome.err);
  std::erase_if(errors, [](const std::string& line) { return !line.starts_with("mnist: "); });
  if (outcome.code == 0) {
    CHECK(errors.empty());
  } else {
    CHECK((outcome.code == 1 || outcome.code == 3));
    CHECK(errors.size() == 1);
    CHECK(outcome.err.ends_with(errors.back() + "\n"));
    const Outcome again =
        box.shell(one.again.empty() ? "\"$MNIST\" " + one.command + " >out" : one.again);
    INFO("then: " << again.err);
    REQUIRE(again.code == 0);
  }
  CHECK(one.bytes(box) == expected);
}

// MNIST_ALL_FAULTS lets every call fail; the few of every day save time.
unsigned long calls_to_skip(unsigned long calls) {
  constexpr unsigned long kDaily = 25;
  return std::getenv("MNIST_ALL_FAULTS") != nullptr ? 1 : calls / kDaily + 1;
}

TEST_CASE("faults: whichever call fails, a command ends in one line and can be repeated") {
  const Sandbox box;
  for (const Case& one : kCases) {
    prepare(box, one);
    const Outcome whole = run(box, one, "MNIST_FAULTS_COUNT=count");
    INFO(one.name << ": " << whole.err);
    REQUIRE(whole.code == 0);
    const std::string expected = one.bytes(box);
    const unsigned long calls = std::stoul(box.read("count"));
    CHECK(calls > 3);
    std::size_t failed = 0;
    for (const char* error : {"EIO", "ENOSPC"}) {
      for (unsigned long n = 1; n <= calls; n += calls_to_skip(calls)) {
        const std::string fault = fmt::format("MNIST_FAULTS_FAIL={}:{}", error, n);
        INFO(one.name << " with " << fault);
        prepare(box, one);
        const Outcome outcome = run(box, one, fault);
        check_end(box, one, outcome, expected);
        failed += outcome.code != 0;
      }
    }
    CHECK(failed > 2);
  }
}

TEST_CASE("faults: signals, short transfers and busy descriptors change nothing") {
  const Sandbox box;
  for (const Case& one : kCases) {
    prepare(box, one);
    const Outcome whole = run(box, one, "MNIST_FAULTS_COUNT=count");
    REQUIRE(whole.code == 0);
    const std::string expected = one.bytes(box);
    for (const char* fault : {"EINTR:2+", "EINTR:3+", "EAGAIN:2+", "short:1+", "short:2+"}) {
      prepare(box, one);
      const Outcome outcome = run(box, one, fmt::format("MNIST_FAULTS_FAIL={}", fault));
      INFO(one.name << " with " << fault << ": " << outcome.err);
      REQUIRE(outcome.code == 0);
      CHECK(one.bytes(box) == expected);
    }
  }
}

}  // namespace
}  // namespace mnist::testing
