// The presets and the networks that come with the program.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "catch.h"
#include "cli/sandbox.h"
#include "test_paths.h"

namespace mnist::testing {
namespace {

namespace fs = std::filesystem;

const fs::path kPresets = MNIST_DATA_DIR "/presets";
const fs::path kNetworks = MNIST_DATA_DIR "/networks";

// `few.csv`, 600 images of 28 x 28 pixels of ten classes.
void write_few_images(const Sandbox& box) {
  std::minstd_rand random(1);
  std::string text;
  for (std::size_t row = 0; row < 600; ++row) {
    text += std::to_string(row % 10);
    for (std::size_t i = 0; i < 784; ++i) text += fmt::format(",{}", random() % 256);
    text += "\n";
  }
  box.write("few.csv", text);
}

TEST_CASE("cli: every preset says where it comes from, and trains") {
  const Sandbox box;
  write_few_images(box);
  for (const fs::directory_entry& entry : fs::directory_iterator(kPresets)) {
    const std::string name = entry.path().stem().string();
    INFO(name);
    std::string first;
    std::getline(std::ifstream(entry.path()), first);
    CHECK(first.starts_with("# "));
    const Outcome outcome = box.mnist(
        "train --train-data few.csv --test-data none --epochs 1 --quiet "
        "--out run --overwrite --preset " +
        name);
    INFO(outcome.err);
    CHECK((outcome.code == 0 || outcome.code == 4));  // random images need not be learned
  }
}

TEST_CASE(
    "cli: a network that comes along tells the settings of its preset, and holds what it says") {
  const Sandbox box;
  write_few_images(box);
  for (const fs::directory_entry& entry : fs::directory_iterator(kNetworks)) {
    const std::string name = entry.path().stem().string();
    INFO(name);
    CHECK(entry.file_size() < 1'000'000);
    const auto network = box.mnist("show --json " + name).json();
    REQUIRE(box.mnist("train --train-data few.csv --test-data none --epochs 1 --quiet --out run "
                      "--overwrite --preset " +
                      name)
                .code == 0);
    auto told = network["settings"];
    auto settings = box.mnist("show --json run").json()["settings"];
    CHECK_THAT(box.shell("cat " + (kPresets / (name + ".toml")).string()).out,
               contains(fmt::format("\nepochs = {}\n", told["epochs"].get<int>())));
    for (const char* other : {"train-data", "test-data", "epochs"}) {
      told.erase(other);
      settings.erase(other);
    }
    CHECK(told == settings);
    CHECK(network["layers"] == box.mnist("show --json run/weights.safetensors").json()["layers"]);
  }
}

TEST_CASE("cli: the network digits errs in 0.42 % of MNIST's test images, as its README says") {
  const Sandbox box;
  const auto metrics = box.mnist("evaluate digits --json").json();
  CHECK(metrics["count"] == 10'000);
  CHECK(metrics["error"].get<double>() <= 0.0042);
}

}  // namespace
}  // namespace mnist::testing
