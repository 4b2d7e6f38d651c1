#include "model_io/model_file.h"

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "catch.h"
#include "model_io/safetensors.h"
#include "temporary_directory.h"
#include "test_paths.h"

namespace mnist {
namespace {

const std::string kFixtures = MNIST_FIXTURES_DIR;

std::string error_of(const std::filesystem::path& path, const std::string& layers = "") {
  try {
    load_model(path, layers);
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kBadInput);
    CHECK_THAT(error.what(), contains(path.string()));
    return error.what();
  }
  return "";
}

TEST_CASE("model_io: a network survives the round trip") {
  const TemporaryDirectory directory;
  const auto path = directory / "round_trip.safetensors";
  for (const bool bias : {true, false}) {
    Network network(parse_layer_list("9,7,gelu,4,softmax"), bias);
    network.initialize(Initializer::kXavier, 8);
    save_model(path, network);
    const SafetensorsFile file = read_safetensors(path);
    CHECK(file.metadata.at("format") == "pt");
    CHECK(file.metadata.at("layers") == "9,7,gelu,4,softmax");
    const Network copy = load_model(path);
    CHECK(copy.layers() == network.layers());
    CHECK(copy.has_bias() == bias);
    for (std::size_t i = 0; i < network.parameters().size(); ++i) {
      CHECK(copy.parameters()[i].values == network.parameters()[i].values);
    }
  }
}

TEST_CASE("model_io: batch normalisation stays with its statistics, also beside no biases") {
  const TemporaryDirectory directory;
  const auto path = directory / "norm.safetensors";
  const Network torch = load_model(kFixtures + "/full_batch_norm.safetensors", "12,batchnorm,relu");
  CHECK(to_string(torch.layers()) == "30,12,batchnorm,relu,4,softmax");
  for (const bool bias : {true, false}) {
    Network network(torch.layers(), bias);
    std::vector<NamedParameter> parameters = torch.parameters();
    if (!bias) {
      std::erase_if(parameters,
                    [](const auto& p) { return p.name == "0.bias" || p.name == "3.bias"; });
    }
    network.set_parameters(parameters);
    save_model(path, network);
    const Network copy = load_model(path);
    CHECK(copy.has_bias() == bias);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      CHECK(copy.parameters()[i].values == parameters[i].values);
      if (parameters[i].name.starts_with("1.")) names.push_back(parameters[i].name);
    }
    CHECK(names ==
          std::vector<std::string>{"1.weight", "1.bias", "1.running_mean", "1.running_var"});
  }
}

TEST_CASE("model_io: names of the classes stay with the weights") {
  const TemporaryDirectory directory;
  const auto path = directory / "names.safetensors";
  Network network(parse_layer_list("9,3,softmax"), true);
  network.set_class_names({"cat", "wild \"dog\"", "Vögel"});
  save_model(path, network);
  CHECK(load_model(path).class_names() == network.class_names());

  SafetensorsFile file = read_safetensors(path);
  file.metadata["class_names"] = "cat,dog";
  write_safetensors(path, file);
  CHECK_THAT(error_of(path), contains("2 names for 3 classes"));
  file.metadata["class_names"] = "cat,,dog";
  write_safetensors(path, file);
  CHECK_THAT(error_of(path), contains("empty"));
}

TEST_CASE("model_io: weights without a stack of their own take it from the caller") {
  const std::string path = kFixtures + "/full_batch.safetensors";
  for (const char* layers : {"12,relu", "30,12,relu,4,softmax", "12,relu,4,softmax"}) {
    CHECK(to_string(load_model(path, layers).layers()) == "30,12,relu,4,softmax");
  }
  CHECK_THAT(error_of(kFixtures + "/full_batch_norm.safetensors", "12,relu"), contains("2.weight"));
  CHECK_THAT(error_of(path), contains("layers"));
  CHECK_THAT(error_of(path, "12,batchnorm,relu"), contains("1.weight"));
  CHECK_THAT(error_of(path, "13,relu"), contains("(12, 30)"));
  CHECK_THAT(error_of(path, "12,relu,5,relu"), contains("4.weight") || contains("2.weight"));
}

TEST_CASE("model_io: a stack that its tensors do not fill is refused without allocating it") {
  const TemporaryDirectory directory;
  const auto path = directory / "hostile.safetensors";
  SafetensorsFile file;
  file.metadata["layers"] = "1000000,1000000,relu,10,softmax";
  const std::vector<float> values(4);
  file.tensors.push_back(Tensor::f32("0.weight", {2, 2}, values));
  write_safetensors(path, file);
  CHECK_THAT(error_of(path), contains("too small"));
  file.metadata["layers"] = "nonsense";
  write_safetensors(path, file);
  CHECK_THAT(error_of(path), contains("nonsense"));
  file.metadata["layers"] = "2,2,softmax";
  file.tensors = {Tensor::f32("0.weight", {4}, values)};
  write_safetensors(path, file);
  CHECK_THAT(error_of(path), contains("0.weight"));
}

}  // namespace
}  // namespace mnist
