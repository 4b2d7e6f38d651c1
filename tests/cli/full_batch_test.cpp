// The built program against PyTorch: full batches from given weights, for every optimizer.
#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "catch.h"
#include "cli/sandbox.h"

namespace mnist::testing {
namespace {

TEST_CASE("cli: full-batch training follows PyTorch's losses for every optimizer and schedule") {
  const std::string fixtures = MNIST_FIXTURES_DIR;
  std::ifstream in(fixtures + "/full_batch.json");
  const auto reference = nlohmann::json::parse(in);
  const Sandbox box;
  std::size_t number = 0;
  for (const auto& run : reference["runs"]) {
    const std::string out = fmt::format("run{}", number++);
    std::string command = "train --train-data " + fixtures + "/full_batch.csv --test-data none" +
                          " --init-weights " + fixtures + "/full_batch.safetensors --layers " +
                          reference["layers"].get<std::string>() + " --batch-size " +
                          reference["rows"].dump() + " --steps " + reference["steps"].dump() +
                          " --out " + out;
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
  }
  CHECK(number == 13);
}

}  // namespace
}  // namespace mnist::testing
