// The built program against PyTorch: full batches from given weights, for every optimizer.
#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "catch.h"
#include "cli/sandbox.h"
#include "test_paths.h"

namespace mnist::testing {
namespace {

// That the network of a run predicts so on the training data, [rows × classes].
void check_probabilities(const Sandbox& box, const std::string& run,
                         const nlohmann::json& probabilities) {
  std::istringstream csv(
      box.mnist("predict " + run + " " MNIST_FIXTURES_DIR "/full_batch.csv --probabilities").out);
  std::string line;
  std::getline(csv, line);
  for (const auto& row : probabilities) {
    REQUIRE(std::getline(csv, line));
    std::istringstream cells(line);
    std::string cell;
    for (int i = 0; i < 3; ++i) std::getline(cells, cell, ',');  // index, prediction, probability
    for (const auto& probability : row) {
      REQUIRE(std::getline(cells, cell, ','));
      CHECK(std::stod(cell) == Approx(probability.get<double>()).epsilon(1e-3).margin(1e-5));
    }
  }
}

TEST_CASE("cli: full-batch training follows PyTorch's losses for every optimizer and schedule") {
  const std::string fixtures = MNIST_FIXTURES_DIR;
  std::ifstream in(fixtures + "/full_batch.json");
  const auto reference = nlohmann::json::parse(in);
  const Sandbox box;
  std::size_t number = 0;
  for (const auto& run : reference["runs"]) {
    const std::string out = fmt::format("run{}", number++);
    const auto of_run = [&](const std::string& key) {
      return run.value(key, reference[key].get<std::string>());
    };
    std::string command = "train --train-data " + fixtures + "/full_batch.csv --test-data none" +
                          " --init-weights " + fixtures + "/" + of_run("weights") + " --layers " +
                          of_run("layers") + " --batch-size " + reference["rows"].dump() +
                          " --steps " + reference["steps"].dump() + " --out " + out;
    for (const auto& flag : run["flags"]) {
      command += fmt::format(" {}", flag.get<std::string>());
    }
    INFO(command);
    const Outcome outcome = box.mnist(command);
    REQUIRE(outcome.code == 0);
    std::istringstream csv(box.read(out + "/loss.csv"));
    std::string line;
    std::getline(csv, line);
    for (const auto& loss : run["losses"]) {
      REQUIRE(std::getline(csv, line));
      CHECK(std::stod(line.substr(line.rfind(',') + 1)) ==
            Approx(loss.get<double>()).epsilon(1e-4));
    }
    if (run.contains("probabilities")) check_probabilities(box, out, run["probabilities"]);
  }
  CHECK(number == 15);
}

}  // namespace
}  // namespace mnist::testing
