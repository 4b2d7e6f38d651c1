#include "model_io/exported.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <random>
#include <sstream>

#include "base/thread_pool.h"
#include "catch.h"
#include "report/run_page.h"
#include "test_paths.h"

namespace mnist::testing {

namespace {

const std::string kOnnxScript = MNIST_FIXTURES_DIR "/../node/onnx_predict.cjs";

void write_pixels(const Sandbox& sandbox, const Dataset& data) {
  sandbox.write("pixels.bin", std::string(data.pixels.begin(), data.pixels.end()));
}

std::vector<float> numbers_in(const std::string& text) {
  std::istringstream in(text);
  std::vector<float> numbers;
  for (float number = 0; in >> number;) numbers.push_back(number);
  return numbers;
}

}  // namespace

Network random_network(const std::string& layers, bool bias) {
  Network network(parse_layer_list(layers), bias);
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  std::vector<NamedParameter> parameters = network.parameters();
  for (NamedParameter& parameter : parameters) {
    const bool positive = parameter.name.ends_with(".running_var");
    for (float& value : parameter.values) {
      value = normal(random);
      if (positive) value = 0.5F + std::abs(value);
    }
  }
  network.set_parameters(parameters);
  return network;
}

Dataset random_rows(std::size_t rows, std::size_t features) {
  Dataset data;
  data.shape = shape_of_row(features);
  std::mt19937 random(8);
  for (std::size_t i = 0; i < rows * features; ++i) {
    data.pixels.push_back(static_cast<std::uint8_t>(random() % 2 == 0 ? 0 : random() % 256));
  }
  return data;
}

std::vector<PreparedNetwork> prepared_networks() {
  std::vector<PreparedNetwork> all;
  Dataset data = random_rows(30, 60);
  // Unscaled bytes of 255 would round coarser than probabilities are compared.
  for (std::uint8_t& pixel : data.pixels) pixel /= 8;
  data.shape = {2, 6, 5};
  summarise(data);
  for (const char* scale : {"none", "divide:16", "standard", "normalize:0.1307,0.3081"}) {
    for (const bool invert : {false, true}) {
      for (const bool transpose : {false, true}) {
        for (const char* stack :
             {",3c3same,relu,4,softmax", ",batchnorm,3c3,relu,avgpool,4,softmax"}) {
          const std::string layers = std::string(transpose ? "2x5x6" : "2x6x5") + stack;
          Network network = random_network(layers, true);
          network.set_input(model_input_for(data, parse_scale(scale), invert, transpose));
          Dataset prepared = data;
          prepare(prepared, network.input());
          all.push_back({std::string(scale) + " " + layers + (invert ? " inverted" : ""),
                         std::move(network), data, std::move(prepared)});
        }
      }
    }
  }
  return all;
}

std::vector<float> predicted(const Network& network, const Dataset& data) {
  ThreadPool pool(1);
  const AlignedVector<float> probabilities = predict(network, data, pool);
  return {probabilities.begin(), probabilities.end()};
}

std::vector<float> predicted_by_c_header(const Sandbox& sandbox, const std::string& name,
                                         const Dataset& data) {
  std::string capitals = name;
  std::ranges::transform(capitals, capitals.begin(), [](char c) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  write_pixels(sandbox, data);
  sandbox.write("main.c", fmt::format(R"(
#include "{0}.h"
#include "{0}.h"
#include <stdio.h>
int main(void) {{
  uint8_t pixels[{1}_FEATURES];
  float probabilities[{1}_CLASSES];
  while (fread(pixels, 1, {1}_FEATURES, stdin) == {1}_FEATURES) {{
    {0}_predict(pixels, probabilities);
    for (int i = 0; i < {1}_CLASSES; ++i) printf("%.9g\n", (double)probabilities[i]);
  }}
  return 0;
}}
)",
                                      name, capitals));
  const Outcome outcome = sandbox.shell(
      "cc -std=c99 -O2 -Wall -Wextra -pedantic -Werror main.c -o main -lm && ./main < pixels.bin");
  INFO(outcome.err);
  CHECK(outcome.code == 0);
  return numbers_in(outcome.out);
}

std::vector<float> predicted_by_onnx_runtime(const Sandbox& sandbox, const std::string& file,
                                             const Dataset& data) {
  write_pixels(sandbox, data);
  const Outcome outcome =
      sandbox.shell(fmt::format("node {} {} pixels.bin {}", kOnnxScript, file, data.features()));
  INFO(outcome.err);
  CHECK(outcome.code == 0);
  return numbers_in(outcome.out);
}

std::vector<float> predicted_by_opencv(const Sandbox& sandbox, const std::string& file,
                                       const Dataset& data) {
  write_pixels(sandbox, data);
  sandbox.write("opencv.py", R"(
import cv2, numpy, sys
net = cv2.dnn.readNetFromONNX(sys.argv[1])
for row in numpy.fromfile("pixels.bin", numpy.uint8).reshape(-1, int(sys.argv[2])):
    net.setInput(row[None].astype(numpy.float32))
    print(*net.forward().ravel(), sep="\n")
)");
  const Outcome outcome =
      sandbox.shell(fmt::format("/usr/bin/python3 opencv.py {} {}", file, data.features()));
  INFO(outcome.err);
  CHECK(outcome.code == 0);
  return numbers_in(outcome.out);
}

bool opencv_is_missing(const Sandbox& sandbox) {
  if (sandbox.shell("/usr/bin/python3 -c 'import cv2, numpy'").code == 0) return false;
  skip_test("needs /usr/bin/python3 with OpenCV (python3-opencv)");
  return true;
}

std::vector<float> predicted_by_page(const Sandbox& sandbox, const Network& network,
                                     const Dataset& data) {
  write_pixels(sandbox, data);
  sandbox.write("network.json", network_json(network).dump());
  const Outcome outcome =
      sandbox.shell("node " MNIST_FIXTURES_DIR "/../node/page_predict.cjs " MNIST_FIXTURES_DIR
                    "/../../src/report/page/network.js network.json pixels.bin");
  INFO(outcome.err);
  CHECK(outcome.code == 0);
  return numbers_in(outcome.out);
}

bool onnx_runtime_is_missing(const Sandbox& sandbox) {
  if (sandbox.shell(fmt::format("node {} --check", kOnnxScript)).code == 0) return false;
  skip_test("needs Node.js and npm install in tests/node");
  return true;
}

void check_agreement(std::span<const float> a, std::span<const float> b) {
  REQUIRE(a.size() == b.size());
  float largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const float difference = std::abs(a[i] - b[i]);
    largest = std::isnan(difference) ? INFINITY : std::max(largest, difference);
  }
  CHECK(largest <= 1e-5F);
}

}  // namespace mnist::testing
