#include "report/run_page.h"

#include "catch.h"
#include "model_io/exported.h"

using namespace mnist;

TEST_CASE("report: curves for the page are thinned and keep their ends") {
  LossPlot plot;
  plot.step_axis = "step";
  plot.loss_axis = "loss";
  plot.runs.push_back({"run", {}});
  for (int step = 1; step <= 20'000; ++step) {
    plot.runs[0].curves.loss.push_back({static_cast<double>(step), 1.0 / step});
  }
  plot.runs[0].curves.validation_accuracy = {{10'000, 0.123456789}};
  const auto json = curves_json(plot);
  CHECK(json["smoothing"] == 100.0);
  CHECK(json["loss"].size() <= 2400);
  CHECK(json["loss"][0] == 1.0);
  CHECK(json["loss"][1] == 1.0);
  CHECK(json["loss"][json["loss"].size() - 2] == 20'000.0);
  CHECK(json["smoothed_loss"].size() == json["loss"].size());
  CHECK(json["validation_accuracy"] == nlohmann::ordered_json{10'000.0, 0.123457});
  CHECK(json["validation_loss"].empty());
}

TEST_CASE("report: the network for the page has the names of the weights file") {
  Network network = mnist::testing::random_network("4,3,relu,dropout:0.5,2,softmax", true);
  network.set_class_names({"cat", "dog"});
  const auto json = network_json(network);
  CHECK(json["layers"] == "4,3,relu,dropout:0.5,2,softmax");
  CHECK(json["classes"] == nlohmann::ordered_json{"cat", "dog"});
  CHECK(json["side"] == 2);
  CHECK(json["tensors"].size() == 4);
  CHECK(json["tensors"]["0.weight"]["shape"] == nlohmann::ordered_json{3, 4});
  CHECK(json["tensors"]["3.bias"]["data"].get<std::string>().size() == 12);  // of 8 bytes
  CHECK(network_json(mnist::testing::random_network("5,2,softmax", false))["side"].is_null());
}

TEST_CASE("report: the page's script predicts as the library does and finds the first layer") {
  const mnist::testing::Sandbox sandbox;
  if (sandbox.shell("command -v node").code != 0) {
    return skip_test("needs Node.js");
  }
  const auto check = [&](const std::string& layers, float units, float side) {
    for (const bool bias : {true, false}) {
      INFO(layers << (bias ? "" : " without bias"));
      const Network network = mnist::testing::random_network(layers, bias);
      const Dataset data = mnist::testing::random_rows(10, network.inputs());
      std::vector<float> shown = mnist::testing::predicted_by_page(sandbox, network, data);
      REQUIRE(shown.size() > 2);
      CHECK(shown.end()[-2] == units);
      CHECK(shown.end()[-1] == side);
      shown.resize(shown.size() - 2);
      mnist::testing::check_agreement(shown, mnist::testing::predicted(network, data));
    }
  };
  check("9,7,relu,5,leaky-relu,4,softmax", 7, 3);
  check("9,batchnorm,7,batchnorm,relu,dropout:0.5,5,tanh,4,softmax", 0, 0);
  check("7x6,3c3,relu,maxpool:2,5,relu,4,softmax", 3, 3);
  check("1x11x11,4c5same,gelu,maxpool:3,6c2s2,4,softmax", 4, 5);
  check("2x9x8,4c3same,batchnorm,relu,avgpool:2,batchnorm,5c3s2same,tanh,avgpool,4,softmax", 0, 0);
  check("3x8x8,batchnorm,4c3,relu,maxpool:2,dropout:0.2,6c2s2,batchnorm,5,4,sigmoid", 0, 0);
}

TEST_CASE("report: mistakes have their pixels where they are images") {
  ThreadPool pool(1);
  for (const Shape& shape : {Shape{1, 2, 2}, Shape{3, 4, 2}, Shape{1, 1, 5}, Shape{2, 2, 2}}) {
    Network network(parse_layer_list(std::to_string(shape.size()) + ",2,softmax"), true);
    Dataset data = mnist::testing::random_rows(3, shape.size());
    data.shape = shape;
    data.labels = {0, 1, 1};  // the network of zeros always says 0
    const auto json = measured_json(network, data, pool);
    CHECK(json["metrics"]["correct"] == 1);
    CHECK(json["calibration"]["expected_error"].get<double>() == Approx(0.5 - 1.0 / 3));
    REQUIRE(json["mistakes"].size() == 2);
    CHECK(json["mistakes"][0]["row"] == 1);
    CHECK(json["mistakes"][0]["label"] == 1);
    CHECK(json["mistakes"][0]["guess"] == 0);
    CHECK(json["mistakes"][0]["probability"] == 0.5);
    CHECK(json["mistakes"][0].contains("pixels") == (shape.height > 1 && shape.channels != 2));
    CHECK(json["shape"]["channels"] == shape.channels);
    CHECK(json["shape"]["height"] == shape.height);
    CHECK(json["shape"]["width"] == shape.width);
  }
}
