// mnist export, end to end.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <sstream>

#include "catch.h"
#include "cli/sandbox.h"
#include "data/data_file.h"
#include "model_io/exported.h"
#include "model_io/safetensors.h"
#include "test_paths.h"

namespace mnist {
namespace {

using namespace mnist::testing;

const char* const kTestImages = MNIST_DATA_DIR "/mnist_test.csv.zst";

// The columns p0, p1, ... of `mnist predict --probabilities`.
std::vector<float> probabilities_of(const Outcome& outcome) {
  REQUIRE(outcome.code == 0);
  std::vector<float> all;
  std::vector<std::string> lines = lines_of(outcome.out);
  lines.erase(lines.begin());
  for (const std::string& line : lines) {
    std::istringstream cells(line);
    std::string cell;
    for (int column = 0; std::getline(cells, cell, ','); ++column) {
      if (column >= 3) all.push_back(std::stof(cell));
    }
  }
  return all;
}

// A network trained on MNIST in the run directory `run`.
void train_on_digits(const Sandbox& sandbox) {
  const Outcome trained = sandbox.mnist("train --steps 500 --out run --quiet --test-data none");
  INFO(trained.err);
  REQUIRE(trained.code == 0);
}

TEST_CASE("cli: an exported C header labels MNIST's test images as mnist predict does") {
  const Sandbox sandbox;
  train_on_digits(sandbox);
  REQUIRE(sandbox.mnist("export run -o net.h").code == 0);
  check_agreement(predicted_by_c_header(sandbox, "net", load_data_file(kTestImages)),
                  probabilities_of(sandbox.mnist("predict run --probabilities")));
}

TEST_CASE("cli: weights of int8 lose less than 0.1 % of MNIST's test images") {
  const Sandbox sandbox;
  train_on_digits(sandbox);
  REQUIRE(sandbox.mnist("export run -o net.h --weights int8").code == 0);
  const Dataset images = load_data_file(kTestImages);
  const auto correct = [&](const std::vector<float>& probabilities) {
    std::size_t count = 0;
    for (std::size_t row = 0; row < images.rows(); ++row) {
      const std::span<const float> of_row(probabilities.data() + row * 10, 10);
      const auto guess = std::ranges::max_element(of_row) - of_row.begin();
      count += guess == images.labels[row] ? 1 : 0;
    }
    return count;
  };
  const std::vector<float> exact = probabilities_of(sandbox.mnist("predict run --probabilities"));
  REQUIRE(exact.size() == 100'000);
  CHECK(correct(predicted_by_c_header(sandbox, "net", images)) + 10 > correct(exact));
}

TEST_CASE("cli: ONNX Runtime labels MNIST's test images as mnist predict does") {
  const Sandbox sandbox;
  if (onnx_runtime_is_missing(sandbox)) return;
  train_on_digits(sandbox);
  REQUIRE(sandbox.mnist("export run -o net.onnx").code == 0);
  check_agreement(predicted_by_onnx_runtime(sandbox, "net.onnx", load_data_file(kTestImages)),
                  probabilities_of(sandbox.mnist("predict run --probabilities")));
}

TEST_CASE("cli: an export to safetensors is the same network, with its stack") {
  const Sandbox sandbox;
  sandbox.train_small();
  CHECK(sandbox.mnist("export run --output copy.safetensors").code == 0);
  CHECK(sandbox.read("copy.safetensors") == sandbox.read("run/weights.safetensors"));

  // A file without a stack of its own gets the one that is named.
  SafetensorsFile bare = read_safetensors(sandbox.path("copy.safetensors"));
  bare.metadata.clear();
  write_safetensors(sandbox.path("bare.safetensors"), bare);
  check_error(sandbox.mnist("export bare.safetensors -o full.safetensors"), 3,
              {"bare.safetensors", "layers"});
  CHECK(sandbox.mnist("export bare.safetensors --layers 8,relu -o full.safetensors").code == 0);
  // Nobody knows of it what its training data were like.
  const SafetensorsFile full = read_safetensors(sandbox.path("full.safetensors"));
  const SafetensorsFile copy = read_safetensors(sandbox.path("copy.safetensors"));
  CHECK(full.metadata.at("layers") == copy.metadata.at("layers"));
  CHECK(full.metadata.at("input_scale") == "divide:255");
  CHECK_FALSE(full.metadata.contains("input_mean_value"));
  REQUIRE(full.tensors.size() == copy.tensors.size());
  for (std::size_t t = 0; t < full.tensors.size(); ++t) {
    CHECK(full.tensors[t].name == copy.tensors[t].name);
    CHECK(full.tensors[t].shape == copy.tensors[t].shape);
    CHECK(full.tensors[t].bytes == copy.tensors[t].bytes);
  }
}

TEST_CASE("cli: export names what it cannot do and leaves files as they were") {
  const Sandbox sandbox;
  sandbox.train_small();
  for (const char* name : {"net.pt", "net", "net.ONNX", ".h"}) {
    check_error(sandbox.mnist(fmt::format("export run -o {}", name)), 2,
                {name, ".safetensors, .npz, .onnx, .h", "mnist export --help"});
    CHECK_FALSE(sandbox.exists(name));
  }
  check_error(sandbox.mnist("export run"), 2, {"--output"});
  check_error(sandbox.mnist("export -o net.h"), 2, {"WEIGHTS_OR_RUN"});
  check_error(sandbox.mnist("export nothing -o net.h"), 3, {"nothing"});
  check_error(sandbox.mnist("export test.csv -o net.h"), 3, {"test.csv"});
  check_error(sandbox.mnist("export run -o missing/net.npz"), 1, {"missing/net.npz"});

  sandbox.write("kept.h", "as it was");
  SafetensorsFile broken = read_safetensors(sandbox.path("run/weights.safetensors"));
  for (Tensor& tensor : broken.tensors) {
    tensor = Tensor::f32(tensor.name, tensor.shape,
                         std::vector<float>(tensor.floats().size(), INFINITY));
  }
  write_safetensors(sandbox.path("broken.safetensors"), broken);
  check_error(sandbox.mnist("export broken.safetensors -o kept.h"), 2, {"kept.h", "inf"});
  CHECK(sandbox.read("kept.h") == "as it was");
}

}  // namespace
}  // namespace mnist
