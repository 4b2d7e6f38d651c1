// mnist predict.
#include <sstream>

#include "catch.h"
#include "cli/sandbox.h"

using namespace mnist::testing;

namespace {

std::vector<std::string> fields(const std::string& line) {
  std::vector<std::string> result;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, ',');) result.push_back(field);
  return result;
}

}  // namespace

TEST_CASE("cli: predict writes a row per image, labelled or not, from a file or a pipe") {
  const Sandbox sandbox;
  sandbox.train_small();
  sandbox.write_images("unlabelled.csv", 100, 2, false);
  const Outcome outcome = sandbox.mnist("predict run test.csv");
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
  const auto lines = lines_of(outcome.out);
  REQUIRE(lines.size() == 101);
  CHECK(lines[0] == "index,prediction,probability");
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto row = fields(lines[i]);
    REQUIRE(row.size() == 3);
    CHECK(row[0] == std::to_string(i - 1));
    const float p = std::stof(row[2]);
    CHECK((p > 1.0f / 3 && p <= 1));
  }
  CHECK(sandbox.mnist("predict run/weights.safetensors unlabelled.csv --threads 1").out ==
        outcome.out);
  CHECK(sandbox.mnist("predict run - < unlabelled.csv").out == outcome.out);
  CHECK(sandbox.shell("gzip -c test.csv | \"$MNIST\" predict run -").out == outcome.out);
}

TEST_CASE("cli: predict agrees with evaluate, and probabilities are those of the classes") {
  const Sandbox sandbox;
  sandbox.train_small();
  const auto lines = lines_of(sandbox.mnist("predict run test.csv --probabilities").out);
  REQUIRE(lines.size() == 101);
  CHECK(lines[0] == "index,prediction,probability,p0,p1,p2");
  const auto truth = lines_of(sandbox.read("test.csv"));
  std::size_t correct = 0;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto row = fields(lines[i]);
    REQUIRE(row.size() == 6);
    const std::size_t guess = std::stoul(row[1]);
    CHECK(row[3 + guess] == row[2]);
    CHECK(std::stod(row[3]) + std::stod(row[4]) + std::stod(row[5]) == Approx(1));
    correct += row[1] == fields(truth[i - 1])[0] ? 1 : 0;
  }
  CHECK(sandbox.mnist("evaluate run --data test.csv --json").json()["correct"] == correct);
}

TEST_CASE("cli: predict names the class beside its number where the run has names") {
  const Sandbox sandbox;
  sandbox.train_small();
  REQUIRE(sandbox
              .mnist("train " + kSmall +
                     "--steps 150 --out named --quiet --class-names 'ant, \"b\" bee,cow'")
              .code == 0);
  const auto plain = lines_of(sandbox.mnist("predict run test.csv").out);
  const auto named = lines_of(sandbox.mnist("predict named test.csv").out);
  REQUIRE(named.size() == plain.size());
  CHECK(named[0] == "index,prediction,probability,name");
  const std::vector<std::string> names{"ant", R"("""b"" bee")", "cow"};
  for (std::size_t i = 1; i < named.size(); ++i) {
    CHECK(named[i] == plain[i] + "," + names[std::stoul(fields(plain[i])[1])]);
  }
  CHECK(lines_of(sandbox.mnist("predict named test.csv --probabilities").out)[0] ==
        "index,prediction,probability,name,p0,p1,p2");
}

TEST_CASE("cli: predict goes on over the ends of its blocks") {
  const Sandbox sandbox;
  sandbox.train_small();
  sandbox.write_images("long.csv", 9001, 3);
  const auto lines = lines_of(sandbox.mnist("predict run long.csv").out);
  REQUIRE(lines.size() == 9002);
  CHECK(lines[4097].starts_with("4096,"));
  CHECK(lines[9001].starts_with("9000,"));
}

TEST_CASE("cli: predict ends quietly when nobody reads on, and fails on a full disk") {
  const Sandbox sandbox;
  sandbox.train_small();
  sandbox.write_images("long.csv", 30000, 3);
  const Outcome head =
      sandbox.shell("set -o pipefail; \"$MNIST\" predict run long.csv | head -n 2 | tail -n 1");
  CHECK(head.code == 0);
  CHECK(head.err.empty());
  CHECK(head.out.starts_with("0,"));
  check_error(sandbox.shell("\"$MNIST\" predict run test.csv > /dev/full"), 1,
              {"standard output", "No space left"});
}

TEST_CASE("cli: predict names the row that is wrong") {
  const Sandbox sandbox;
  sandbox.train_small();
  const std::string row = "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n";
  sandbox.write("bad.csv", row + row + "1,2\n");
  const Outcome outcome = sandbox.mnist("predict run bad.csv");
  CHECK(outcome.code == 3);
  CHECK(lines_of(outcome.err).size() == 1);
  CHECK(outcome.err.find("bad.csv") != std::string::npos);
  CHECK(outcome.err.find('3') != std::string::npos);
  check_error(sandbox.mnist("predict run missing.csv"), 3, {"missing.csv"});
  const Outcome empty = sandbox.mnist("predict run -");
  CHECK(empty.code == 3);
}
