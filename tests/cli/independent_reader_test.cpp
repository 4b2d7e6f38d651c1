// Weights written here, read by software that others wrote (see tests/node).
#include <filesystem>
#include <string>

#include "catch.h"
#include "cli/sandbox.h"
#include "model_io/model_file.h"
#include "test_paths.h"

namespace mnist::testing {
namespace {

TEST_CASE("cli: an independent reader takes the weights") {
  const std::string node = MNIST_FIXTURES_DIR "/../node";
  if (!std::filesystem::exists(MNIST_FIXTURES_DIR "/../node/node_modules")) {
    skip_test("needs Node.js and npm install in tests/node");
    return;
  }
  const Sandbox box;
  box.train_small();
  const Outcome outcome =
      box.shell("node " + node + "/read_safetensors.js run/weights.safetensors");
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
  const auto file = outcome.json();
  const Network network = load_model(box.path("run/weights.safetensors"));
  CHECK(file["metadata"]["layers"] == to_string(network.layers()));
  CHECK(file["metadata"]["format"] == "pt");
  REQUIRE(file["tensors"].size() == network.parameters().size());
  for (const NamedParameter& parameter : network.parameters()) {
    bool found = false;
    for (const auto& tensor : file["tensors"]) {
      if (tensor["name"] != parameter.name) continue;
      found = true;
      CHECK(tensor["dtype"] == "F32");
      CHECK(tensor["shape"] == parameter.shape);
      double sum = 0;
      for (const float x : parameter.values) sum += static_cast<double>(x);
      CHECK(tensor["sum"].get<double>() == Approx(sum));
    }
    CHECK(found);
  }
}

}  // namespace
}  // namespace mnist::testing
