// Convolutional networks against references computed in float64 by PyTorch.
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "catch.h"
#include "data/data_file.h"
#include "model_io/safetensors.h"
#include "test_paths.h"
#include "train/batch_trainer.h"

namespace mnist {
namespace {

struct TorchConvolutions {
  SafetensorsFile file =
      read_safetensors(std::string(MNIST_FIXTURES_DIR) + "/torch_conv.safetensors");
  Dataset data = load_data_file(std::string(MNIST_DATA_DIR) + "/mnist_train.csv.zst", {}, 2);
  std::size_t batch_size = file.find("batches")->shape[1];
  std::vector<std::uint32_t> batches;

  TorchConvolutions() {
    for (const std::int32_t row : file.find("batches")->int32s()) {
      batches.push_back(static_cast<std::uint32_t>(row));
    }
  }
  std::span<const std::uint32_t> batch(std::size_t step) const {
    return std::span(batches).subspan(step * batch_size, batch_size);
  }
  /// A network of a stack with the tensors "STACK.STATE.NAME", which are named as its own.
  Network network(const std::string& stack, const std::string& state) const {
    Network result(parse_layer_list(file.metadata.at(stack)), true);
    std::vector<NamedParameter> parameters = result.parameters();
    for (NamedParameter& parameter : parameters) {
      const Tensor* tensor = file.find(stack + "." + state + "." + parameter.name);
      INFO(stack << " " << parameter.name);
      REQUIRE(tensor != nullptr);
      REQUIRE(tensor->shape == parameter.shape);
      parameter.values = tensor->floats();
    }
    result.set_parameters(parameters);
    return result;
  }
};

TEST_CASE("train: convolutional networks follow PyTorch's") {
  const TorchConvolutions torch;
  OptimizerSettings momentum;
  momentum.kind = OptimizerKind::kMomentum;
  OptimizerSettings adamw;
  adamw.kind = OptimizerKind::kAdamw;
  adamw.weight_decay = 0.05F;
  struct Recipe {
    std::string name;
    OptimizerSettings optimizer;
    float rate;
  };
  for (const std::string stack : {"strided", "normed", "deep"}) {
    for (const auto& [name, optimizer, rate] :
         {Recipe{"momentum", momentum, 0.02F}, Recipe{"adamw", adamw, 0.002F}}) {
      INFO(stack << ", " << name);
      Network network = torch.network(stack, "initial");
      ThreadPool pool(2);
      BatchTrainer trainer(network, {}, optimizer, torch.batch_size, pool, InputForm::kFloats);
      const std::vector<double> losses = torch.file.find(stack + "." + name + ".losses")->doubles();
      REQUIRE(losses.size() == 12);
      for (std::size_t step = 0; step < losses.size(); ++step) {
        INFO("step " << step);
        CHECK(trainer.step(torch.data, torch.batch(step), rate) ==
              Approx(losses[step]).epsilon(1e-4));
      }
    }
  }
}

TEST_CASE("nn: the state of a trained PyTorch network gives its probabilities") {
  const TorchConvolutions torch;
  const std::span<const std::uint32_t> rows = torch.batch(11);
  Dataset batch;
  batch.shape = torch.data.shape;
  batch.classes = 10;
  for (const std::uint32_t row : rows) append_rows(batch, torch.data, row, 1);
  ThreadPool pool(1);
  for (const std::string stack : {"strided", "normed", "deep"}) {
    INFO(stack);
    const Network network = torch.network(stack, "trained");
    const AlignedVector<float> probabilities = predict(network, batch, pool);
    const std::vector<double> expected = torch.file.find(stack + ".probabilities")->doubles();
    REQUIRE(probabilities.size() == expected.size());
    double largest = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      largest = std::max(largest, std::abs(expected[i] - static_cast<double>(probabilities[i])));
    }
    CHECK(largest < 1e-5);
  }
}

}  // namespace
}  // namespace mnist
