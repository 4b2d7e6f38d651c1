// Training step by step against references computed in float64 by NumPy and PyTorch.
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "catch.h"
#include "data/data_file.h"
#include "model_io/safetensors.h"
#include "test_paths.h"
#include "train/batch_trainer.h"

namespace mnist {
namespace {

const std::string kFixtures = MNIST_FIXTURES_DIR;

const Dataset& training_data() {
  static const Dataset data =
      load_data_file(std::string(MNIST_DATA_DIR) + "/mnist_train.csv.zst", {}, 2);
  return data;
}

// The reference's weights "PREFIX.<n>.weight" as those of the network, in the order of its layers.
void set_weights(Network& network, const SafetensorsFile& file, const std::string& prefix,
                 const std::vector<std::string>& names) {
  std::vector<NamedParameter> parameters = network.parameters();
  REQUIRE(parameters.size() == names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Tensor* tensor = file.find(prefix + names[i]);
    REQUIRE(tensor != nullptr);
    REQUIRE(tensor->shape == parameters[i].shape);
    parameters[i].values = tensor->floats();
  }
  network.set_parameters(parameters);
}

double largest_difference(const Network& network, const SafetensorsFile& file,
                          const std::string& prefix, const std::vector<std::string>& names) {
  double largest = 0;
  const std::vector<NamedParameter> parameters = network.parameters();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::vector<float> expected = file.find(prefix + names[i])->floats();
    for (std::size_t j = 0; j < expected.size(); ++j) {
      largest =
          std::max(largest, static_cast<double>(std::abs(expected[j] - parameters[i].values[j])));
    }
  }
  return largest;
}

struct Reference {
  SafetensorsFile file;
  std::vector<std::uint32_t> batches;
  std::size_t batch_size;

  Reference(const std::string& name, std::size_t batch)
      : file(read_safetensors(kFixtures + "/" + name)), batch_size(batch) {
    for (const std::int32_t row : file.find("batches")->int32s()) {
      batches.push_back(static_cast<std::uint32_t>(row));
    }
  }
  std::size_t steps() const { return batches.size() / batch_size; }
  std::span<const std::uint32_t> batch(std::size_t step) const {
    return {batches.data() + step * batch_size, batch_size};
  }
};

TEST_CASE("train: the article's program is followed step for step in all three recipes") {
  const Reference reference("article.safetensors", 64);
  const std::vector<std::string> names{"0.weight", "1.weight", "2.weight"};
  struct Recipe {
    std::string name, layers;
    float rate;
    OutputDelta delta;
  };
  const std::vector<Recipe> recipes{
      {"as_printed", "784,50,relu,20,relu,10,article-softmax", 0.95F, OutputDelta::kArticle},
      {"article", "784,50,relu,20,relu,10,softmax", 0.95F, OutputDelta::kArticle},
      {"exact", "784,50,relu,20,relu,10,softmax", 0.1F, OutputDelta::kExact},
  };
  const std::size_t threads = GENERATE(1U, 3U);
  for (const Recipe& recipe : recipes) {
    INFO(recipe.name << ", " << threads << " threads");
    Network network(parse_layer_list(recipe.layers), false);
    set_weights(network, reference.file, "initial.", names);
    OptimizerSettings optimizer;
    optimizer.kind = OptimizerKind::kSgd;
    LossSettings loss;
    loss.output_delta = recipe.delta;
    ThreadPool pool(threads);
    BatchTrainer trainer(network, loss, optimizer, reference.batch_size, pool);
    const std::vector<double> losses = reference.file.find(recipe.name + ".losses")->doubles();
    REQUIRE(losses.size() == 20);
    for (std::size_t step = 0; step < losses.size(); ++step) {
      INFO("step " << step);
      CHECK(trainer.step(training_data(), reference.batch(step), recipe.rate) ==
            Approx(losses[step]).epsilon(1e-4));
    }
    CHECK(largest_difference(network, reference.file, recipe.name + ".", names) < 1e-4);
  }
}

TEST_CASE("train: every optimizer follows PyTorch's") {
  const Reference reference("torch_optimizers.safetensors", 32);
  const std::vector<std::string> names{"0.weight", "0.bias", "2.weight", "2.bias"};
  std::map<std::string, OptimizerSettings> settings;
  const auto add = [&](const std::string& name, OptimizerKind kind) -> OptimizerSettings& {
    settings[name].kind = kind;
    return settings[name];
  };
  add("sgd", OptimizerKind::kSgd);
  add("momentum", OptimizerKind::kMomentum);
  add("nesterov", OptimizerKind::kNesterov);
  add("sgd_weight_decay", OptimizerKind::kMomentum).weight_decay = 0.01F;
  add("rmsprop", OptimizerKind::kRmsprop);
  add("adam", OptimizerKind::kAdam);
  add("adamw", OptimizerKind::kAdamw).weight_decay = 0.05F;
  add("adagrad", OptimizerKind::kAdagrad);
  const std::map<std::string, float> rates{
      {"sgd", 0.1F},       {"momentum", 0.05F}, {"nesterov", 0.05F}, {"sgd_weight_decay", 0.1F},
      {"rmsprop", 0.001F}, {"adam", 0.001F},    {"adamw", 0.001F},   {"adagrad", 0.01F}};
  for (const auto& [name, optimizer] : settings) {
    INFO(name);
    Network network(parse_layer_list("784,16,relu,10,softmax"), true);
    set_weights(network, reference.file, "initial.", names);
    ThreadPool pool(2);
    BatchTrainer trainer(network, LossSettings{}, optimizer, reference.batch_size, pool);
    const std::vector<double> losses = reference.file.find(name + ".losses")->doubles();
    REQUIRE(losses.size() == reference.steps());
    for (std::size_t step = 0; step < losses.size(); ++step) {
      INFO("step " << step);
      CHECK(trainer.step(training_data(), reference.batch(step), rates.at(name)) ==
            Approx(losses[step]).epsilon(1e-4));
    }
    CHECK(largest_difference(network, reference.file, name + ".", names) < 1e-4);
  }
}

}  // namespace
}  // namespace mnist
