// The presets that come with the program.
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

}  // namespace
}  // namespace mnist::testing
