#include "model_io/onnx.h"

#include <onnx/checker.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include <algorithm>

#include "catch.h"
#include "model_io/exported.h"
#include "model_io/inference_form.h"

namespace mnist {
namespace {

using namespace mnist::testing;

onnx::ModelProto parsed(const std::string& bytes) {
  onnx::ModelProto model;
  REQUIRE(model.ParseFromString(bytes));
  return model;
}

std::string shape_of(const onnx::ValueInfoProto& value) {
  std::string text = value.name();
  for (const auto& dimension : value.type().tensor_type().shape().dim()) {
    text += " " + (dimension.has_dim_param() ? dimension.dim_param()
                                             : std::to_string(dimension.dim_value()));
  }
  return text;
}

TEST_CASE("model_io: ONNX's own checker accepts every stack and finds the shapes it names") {
  for (const std::string& layers : kExportedStacks) {
    for (const bool bias : {true, false}) {
      INFO(layers << (bias ? "" : " without bias"));
      const Network network = random_network(layers, bias);
      const std::string bytes = to_onnx(network);
      CHECK(to_onnx(network) == bytes);
      onnx::ModelProto model = parsed(bytes);
      CHECK_NOTHROW(onnx::checker::check_model(model));
      // Throws where an operator's output contradicts the shape that the model states.
      const onnx::ShapeInferenceOptions strict(true, 1, false);
      CHECK_NOTHROW(
          onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), strict));
      CHECK(model.metadata_props(0).key() == "layers");
      CHECK(model.metadata_props(0).value() == to_string(inference_form(network).network.layers()));
      CHECK(shape_of(model.graph().input(0)) == "pixels batch " + std::to_string(network.inputs()));
      CHECK(shape_of(model.graph().output(0)) ==
            "probabilities batch " + std::to_string(network.outputs()));
    }
  }
}

TEST_CASE("model_io: an ONNX model holds the weights under the names of the weights file") {
  const Network network = random_network("9,7,relu,4,softmax", true);
  const onnx::ModelProto model = parsed(to_onnx(network));
  for (const NamedParameter& p : network.parameters()) {
    const auto& tensors = model.graph().initializer();
    const auto found = std::find_if(tensors.begin(), tensors.end(),
                                    [&](const auto& tensor) { return tensor.name() == p.name; });
    REQUIRE(found != tensors.end());
    CHECK(std::vector<std::size_t>(found->dims().begin(), found->dims().end()) == p.shape);
    CHECK(found->raw_data() == std::string(reinterpret_cast<const char*>(p.values.data()),
                                           p.values.size() * sizeof(float)));
  }
}

TEST_CASE("model_io: an ONNX model holds the names of the classes") {
  Network network = random_network("9,3,softmax", true);
  CHECK(parsed(to_onnx(network)).metadata_props_size() == 1);
  network.set_class_names({"cat", "dog", "bird"});
  const onnx::ModelProto model = parsed(to_onnx(network));
  REQUIRE(model.metadata_props_size() == 2);
  CHECK(model.metadata_props(1).key() == "class_names");
  CHECK(model.metadata_props(1).value() == "cat,dog,bird");
}

TEST_CASE("model_io: ONNX Runtime predicts as the library does") {
  const Sandbox sandbox;
  if (onnx_runtime_is_missing(sandbox)) return;
  for (const std::string& layers : kExportedStacks) {
    for (const bool bias : {true, false}) {
      INFO(layers << (bias ? "" : " without bias"));
      const Network network = random_network(layers, bias);
      const Dataset data = random_rows(50, network.inputs());
      sandbox.write("net.onnx", to_onnx(network));
      check_agreement(predicted_by_onnx_runtime(sandbox, "net.onnx", data),
                      predicted(network, data));
    }
  }
}

TEST_CASE("model_io: OpenCV predicts as the library does") {
  const Sandbox sandbox;
  if (opencv_is_missing(sandbox)) return;
  for (const std::string& layers : kExportedStacks) {
    // Up to version 4.6 it takes Clip's bounds as attributes alone, as before operator set 11.
    if (layers.ends_with("article-softmax")) continue;
    for (const bool bias : {true, false}) {
      INFO(layers << (bias ? "" : " without bias"));
      const Network network = random_network(layers, bias);
      const Dataset data = random_rows(20, network.inputs());
      sandbox.write("net.onnx", to_onnx(network));
      check_agreement(predicted_by_opencv(sandbox, "net.onnx", data), predicted(network, data));
    }
  }
}

TEST_CASE("model_io: an ONNX model scales its input before a first layer that cannot") {
  const Sandbox sandbox;
  if (onnx_runtime_is_missing(sandbox)) return;
  for (const PreparedNetwork& one : prepared_networks()) {
    INFO(one.name);
    const std::string bytes = to_onnx(one.network);
    CHECK_NOTHROW(onnx::checker::check_model(parsed(bytes)));
    CHECK_THAT(parsed(bytes).doc_string(), contains(to_string(one.network.input().scale)));
    sandbox.write("net.onnx", bytes);
    check_agreement(predicted_by_onnx_runtime(sandbox, "net.onnx", one.data),
                    predicted(one.network, one.prepared));
  }
}

}  // namespace
}  // namespace mnist
