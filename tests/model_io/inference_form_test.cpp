#include "model_io/inference_form.h"

#include "catch.h"
#include "model_io/exported.h"

namespace mnist {
namespace {

using namespace mnist::testing;

TEST_CASE("model_io: the inference form leaves out what matters to training alone") {
  const Network network = random_network("9,dropout:0.2,7,relu,dropout:0.5,4,softmax", true);
  const Network form = inference_form(network);
  CHECK(to_string(form.layers()) == "9,7,relu,4,softmax");
  const Dataset data = random_rows(20, 9);
  CHECK(predicted(form, data) == predicted(network, data));
}

}  // namespace
}  // namespace mnist
