#include "model_io/c_header.h"

#include <limits>

#include "base/error.h"
#include "catch.h"
#include "model_io/exported.h"

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
