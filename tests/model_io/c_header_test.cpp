#include "model_io/c_header.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <regex>

#include "base/error.h"
#include "catch.h"
#include "model_io/exported.h"
#include "model_io/inference_form.h"

namespace mnist {
namespace {

using namespace mnist::testing;

TEST_CASE("model_io: a C header compiles without a warning and predicts as the library does") {
  const Sandbox sandbox;
  for (const std::string& layers : kExportedStacks) {
    for (const bool bias : {true, false}) {
      INFO(layers << (bias ? "" : " without bias"));
      const Network network = random_network(layers, bias);
      const Dataset data = random_rows(50, network.inputs());
      sandbox.write("net.h", to_c_header(network, "net"));
      check_agreement(predicted_by_c_header(sandbox, "net", data), predicted(network, data));
    }
  }
}

TEST_CASE("model_io: a C header scales its input before a first layer that cannot") {
  const Sandbox sandbox;
  for (const PreparedNetwork& one : prepared_networks()) {
    INFO(one.name);
    sandbox.write("net.h", to_c_header(one.network, "net"));
    check_agreement(predicted_by_c_header(sandbox, "net", one.data),
                    predicted(one.network, one.prepared));
  }
}

// The network with each weight as its output channel's scale times a whole number from -127 to 127.
Network with_int8(const Network& network) {
  Network result = inference_form(network).network;
  std::vector<NamedParameter> parameters = result.parameters();
  for (NamedParameter& parameter : parameters) {
    if (parameter.shape.size() < 2) continue;
    const std::size_t per_output = parameter.values.size() / parameter.shape[0];
    for (std::size_t first = 0; first < parameter.values.size(); first += per_output) {
      float largest = 0;
      for (std::size_t i = 0; i < per_output; ++i) {
        largest = std::max(largest, std::abs(parameter.values[first + i]));
      }
      const float scale = largest / 127;
      for (std::size_t i = 0; i < per_output; ++i) {
        float& value = parameter.values[first + i];
        value = scale * std::round(value / scale);
      }
    }
  }
  result.set_parameters(parameters);
  return result;
}

TEST_CASE("model_io: a C header with weights of int8 predicts as the network of these weights") {
  const Sandbox sandbox;
  std::vector<std::string> stacks(kExportedStacks.begin(), kExportedStacks.end());
  stacks.emplace_back("400,90,tanh,10,softmax");  // two arrays for one layer
  stacks.emplace_back("1x12x12,70c5,relu,64c3,relu,maxpool:2,3,softmax");
  for (const std::string& layers : stacks) {
    for (const bool bias : {true, false}) {
      INFO(layers << (bias ? "" : " without bias"));
      const Network network = random_network(layers, bias);
      const Dataset data = random_rows(50, network.inputs());
      sandbox.write("net.h", to_c_header(network, "net", WeightType::kInt8));
      check_agreement(predicted_by_c_header(sandbox, "net", data),
                      predicted(with_int8(network), data));
    }
  }
}

TEST_CASE("model_io: a unit without weights is a unit without weights in int8") {
  Network network(parse_layer_list("2,2,softmax"), false);
  std::vector<NamedParameter> parameters = network.parameters();
  parameters[0].values = {0, 0, -1, 0.5F};
  network.set_parameters(parameters);
  const std::string text = to_c_header(network, "x", WeightType::kInt8);
  CHECK_THAT(text, contains("{\n  0, -127, 0, 64,\n}"));
  parameters[0].values[2] = std::numeric_limits<float>::infinity();
  network.set_parameters(parameters);
  CHECK_THROWS_AS(to_c_header(network, "x", WeightType::kInt8), Error);
  const Network wide(parse_layer_list("40000,2,softmax"), false);
  CHECK_THROWS_AS(to_c_header(wide, "x", WeightType::kInt8), Error);
  CHECK_NOTHROW(to_c_header(wide, "x"));
}

TEST_CASE(
    "model_io: compilers for Cortex-M take a C header, and for AVR one with weights of int8") {
  const Sandbox sandbox;
  for (const char* compiler : {"arm-none-eabi-gcc", "avr-gcc"}) {
    if (sandbox.shell(std::string("command -v ") + compiler).code != 0) {
      return skip_test(std::string("needs ") + compiler);
    }
  }
  sandbox.write("main.c", R"(
#include "net.h"
uint8_t pixels[NET_FEATURES];
float probabilities[NET_CLASSES];
int main(void) { net_predict(pixels, probabilities); return 0; }
)");
  for (const char* layers : {"784,50,relu,20,relu,10,softmax",
                             "28x28,8c5,relu,maxpool:2,16c3,relu,maxpool:2,10,softmax"}) {
    INFO(layers);
    const std::string text = to_c_header(random_network(layers, true), "net", WeightType::kInt8);
    sandbox.write("net.h", text);
    static const std::regex array(R"(int8_t \w+\[(\d+)\])");
    std::size_t arrays = 0;
    for (std::sregex_iterator match(text.begin(), text.end(), array), end; match != end; ++match) {
      CHECK(std::stoul((*match)[1]) <= 32767);
      ++arrays;
    }
    CHECK(arrays >= 3);
    const std::string flags = " -std=c99 -Os -Wall -Wextra -pedantic -Werror main.c -o main -lm";
    for (const char* compiler :
         {"arm-none-eabi-gcc -mcpu=cortex-m0 --specs=nosys.specs", "avr-gcc -mmcu=atmega2560"}) {
      const Outcome outcome = sandbox.shell(compiler + flags);
      INFO(compiler << outcome.err);
      CHECK(outcome.code == 0);
    }
    // On AVR the weights are in program memory alone: what is initialised in RAM is little.
    const Outcome size = sandbox.shell("avr-size -A main | awk '$1 == \".data\" { print $2 }'");
    CHECK(std::stoul("0" + size.out) < 300);
    sandbox.write("net.h", to_c_header(random_network(layers, true), "net"));
    const Outcome floats = sandbox.shell(
        "arm-none-eabi-gcc -mcpu=cortex-m4 -mfloat-abi=hard -mfpu=fpv4-sp-d16 --specs=nosys.specs" +
        flags);
    INFO(floats.err);
    CHECK(floats.code == 0);
  }
  sandbox.write("net.h", to_c_header(random_network("784,100,relu,10,softmax", true), "net",
                                     WeightType::kInt8));
  const Outcome large = sandbox.shell("avr-gcc -mmcu=atmega2560 -Os -c main.c -o main");
  CHECK(large.code != 0);
  CHECK_THAT(large.err, contains("bytes of weights"));
}

TEST_CASE("model_io: floats in a C header read back to the same bits") {
  Network network(parse_layer_list("5,1,softmax"), false);
  std::vector<NamedParameter> parameters = network.parameters();
  parameters[0].values = {1, -0.0F, 0.1F, std::numeric_limits<float>::max(),
                          std::numeric_limits<float>::denorm_min()};
  network.set_parameters(parameters);
  const std::string text = to_c_header(network, "x");
  CHECK_THAT(text, contains("{\n  1.0f, -0.0f, 0.1f, 3.4028235e+38f, 1e-45f,\n}"));
  parameters[0].values[2] = std::numeric_limits<float>::quiet_NaN();
  network.set_parameters(parameters);
  try {
    to_c_header(network, "x");
    FAIL("a weight that is no number was written");
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kUsage);
    CHECK_THAT(error.what(), contains("nan"));
  }
}

TEST_CASE("model_io: a C header holds the names of the classes as strings of C") {
  Network network(parse_layer_list("2,3,softmax"), false);
  CHECK(to_c_header(network, "net").find("class_names") == std::string::npos);
  network.set_class_names({"a",
                           "b\"\\n?"
                           "?/",
                           "ö"});
  const Sandbox sandbox;
  sandbox.write("net.h", to_c_header(network, "net"));
  sandbox.write("main.c", R"(
#include <stdio.h>
#include "net.h"
int main(void) { for (int c = 0; c < NET_CLASSES; ++c) puts(net_class_names[c]); }
)");
  const Outcome outcome =
      sandbox.shell("gcc -std=c99 -Wall -Wextra -Werror -o main main.c -lm && ./main");
  INFO(outcome.err);
  CHECK(outcome.out ==
        "a\nb\"\\n?"
        "?/\nö\n");
}

TEST_CASE("model_io: the names in a C header follow the file's") {
  CHECK(c_identifier("digits") == "digits");
  CHECK(c_identifier("my-net 2.final") == "my_net_2_final");
  CHECK(c_identifier("784") == "network_784");
  CHECK(c_identifier("_x") == "network__x");
  CHECK(c_identifier("") == "network_");
  CHECK(c_identifier("zahl_ä") == "zahl___");
}

}  // namespace
}  // namespace mnist
