#include "model_io/inference_form.h"

#include <utility>

#include "catch.h"
#include "model_io/exported.h"

namespace mnist {
namespace {

using namespace mnist::testing;

TEST_CASE("model_io: the inference form leaves out what matters to training alone") {
  const Network network = random_network("9,dropout:0.2,7,relu,dropout:0.5,4,softmax", true);
  const Network form = inference_form(network).network;
  CHECK(to_string(form.layers()) == "9,7,relu,4,softmax");
  const Dataset data = random_rows(20, 9);
  CHECK(predicted(form, data) == predicted(network, data));
}

TEST_CASE("model_io: the inference form folds batch normalisation into the dense layer beside it") {
  const bool bias = GENERATE(true, false);
  const auto& [layers, folded] =
      GENERATE(std::pair("9,7,batchnorm,relu,4,softmax", "9,7,relu,4,softmax"),
               std::pair("9,batchnorm,7,relu,4,softmax", "9,7,relu,4,softmax"),
               std::pair("9,7,relu,batchnorm,dropout:0.5,4,softmax", "9,7,relu,4,softmax"),
               std::pair("9,7,dropout:0.5,batchnorm,batchnorm,6,4,softmax", "9,7,6,4,softmax"),
               std::pair("9,batchnorm,batchnorm,7,tanh,batchnorm,batchnorm,5,batchnorm,4,softmax",
                         "9,7,tanh,5,4,softmax"));
  INFO(layers);
  const Network network = random_network(layers, bias);
  const Network form = inference_form(network).network;
  CHECK(to_string(form.layers()) == folded);
  CHECK(form.has_bias());
  const Dataset data = random_rows(50, 9);
  check_agreement(predicted(form, data), predicted(network, data));
}

TEST_CASE("model_io: the inference form keeps batch normalisation between activations") {
  const auto& [layers, form_layers] =
      GENERATE(std::pair("9,batchnorm,relu,4,softmax", "9,batchnorm,relu,4,softmax"),
               std::pair("9,7,relu,batchnorm,dropout:0.5,batchnorm,tanh,4,softmax",
                         "9,7,relu,batchnorm,batchnorm,tanh,4,softmax"),
               std::pair("9,7,batchnorm,relu,batchnorm,tanh,batchnorm,4,softmax",
                         "9,7,relu,batchnorm,tanh,4,softmax"));
  INFO(layers);
  const Network network = random_network(layers, true);
  const Network form = inference_form(network).network;
  CHECK(to_string(form.layers()) == form_layers);
  const Dataset data = random_rows(50, 9);
  check_agreement(predicted(form, data), predicted(network, data));
}

TEST_CASE("model_io: the inference form divides bytes by 255, whatever the network's own scale") {
  const bool bias = GENERATE(true, false);
  const Dataset data = [] {
    Dataset rows = random_rows(30, 12);
    // Unscaled bytes of 255 would round coarser than probabilities are compared.
    for (std::uint8_t& pixel : rows.pixels) pixel /= 8;
    rows.shape = {1, 3, 4};
    summarise(rows);
    return rows;
  }();
  const std::string text =
      GENERATE("none", "divide:16", "standard", "normalize:0.1307,0.3081", "divide:255");
  for (const bool invert : {false, true}) {
    for (const bool transpose : {false, true}) {
      INFO(text << " " << invert << transpose);
      Network network = random_network("12,batchnorm,7,relu,4,softmax", bias);
      network.set_input(model_input_for(data, parse_scale(text), invert, transpose));
      Dataset prepared = data;
      prepare(prepared, network.input());
      check_agreement(predicted(inference_form(network).network, data),
                      predicted(network, prepared));
    }
  }
}

}  // namespace
}  // namespace mnist
