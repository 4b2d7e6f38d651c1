#include "nn/network.h"

#include <cmath>

#include "base/error.h"
#include "catch.h"
#include "nn/dropout_layer.h"

namespace mnist {
namespace {

Dataset some_data(std::size_t rows, std::size_t features) {
  Dataset data;
  data.shape = shape_of_row(features);
  data.classes = 3;
  for (std::size_t i = 0; i < rows * features; ++i) {
    data.pixels.push_back(static_cast<std::uint8_t>(i * 37 % 256));
  }
  for (std::size_t r = 0; r < rows; ++r) data.labels.push_back(static_cast<std::int32_t>(r % 3));
  return data;
}

TEST_CASE("nn: parameters have PyTorch's names and shapes") {
  const Network network(parse_layer_list("784,50,relu,20,relu,10,softmax"), true);
  const std::vector<NamedParameter> parameters = network.parameters();
  REQUIRE(parameters.size() == 6);
  CHECK(parameters[0].name == "0.weight");
  CHECK(parameters[0].shape == std::vector<std::size_t>{50, 784});
  CHECK(parameters[1].name == "0.bias");
  CHECK(parameters[1].shape == std::vector<std::size_t>{50});
  CHECK(parameters[5].name == "4.bias");
  CHECK(network.parameter_count() == 784 * 50 + 50 + 50 * 20 + 20 + 20 * 10 + 10);
  CHECK(Network(network.layers(), false).parameter_count() == 784 * 50 + 50 * 20 + 20 * 10);
}

TEST_CASE("nn: convolutions have PyTorch's names and shapes, with its Flatten counted") {
  Network network(parse_layer_list("3x8x9,4c3,relu,maxpool:2,batchnorm,5,relu,3,softmax"), true);
  network.initialize(Initializer::kHe, 1);
  std::vector<std::string> names;
  const std::vector<NamedParameter> parameters = network.parameters();
  for (const NamedParameter& p : parameters) names.push_back(p.name);
  CHECK(names == std::vector<std::string>{"0.weight", "0.bias", "3.weight", "3.bias",
                                          "3.running_mean", "3.running_var", "5.weight", "5.bias",
                                          "7.weight", "7.bias"});
  CHECK(parameters[0].shape == std::vector<std::size_t>{4, 3, 3, 3});
  CHECK(parameters[6].shape == std::vector<std::size_t>{5, 4 * 3 * 3});
  Network copy(network.layers(), true);
  copy.set_parameters(parameters);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    CHECK(copy.parameters()[i].values == parameters[i].values);
  }
}

TEST_CASE("nn: parameters survive the round trip and misfits are named") {
  Network network(parse_layer_list("5,4,relu,3,softmax"), true);
  network.initialize(Initializer::kHe, 1);
  std::vector<NamedParameter> parameters = network.parameters();
  std::swap(parameters[0], parameters[3]);
  Network copy(network.layers(), true);
  copy.set_parameters(parameters);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(copy.parameters()[i].values == network.parameters()[i].values);
  }
  const auto message = [&](const std::vector<NamedParameter>& wrong) -> std::string {
    try {
      copy.set_parameters(wrong);
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kBadInput);
      return error.what();
    }
    return "";
  };
  std::vector<NamedParameter> wrong = parameters;
  wrong.pop_back();
  CHECK_THAT(message(wrong), contains("0.weight"));
  wrong = parameters;
  wrong[1].shape = {5};
  CHECK_THAT(message(wrong), contains("0.bias"));
  wrong = parameters;
  wrong.push_back({"7.weight", {1}, {0}});
  CHECK_THAT(message(wrong), contains("7.weight"));
}

TEST_CASE("nn: initial weights have the deviation of their method and follow the seed") {
  const auto deviation = [](Initializer initializer) {
    Network network(parse_layer_list("400,300,relu,10,softmax"), true);
    network.initialize(initializer, 5);
    double sum = 0;
    const std::vector<float> values = network.parameters()[0].values;
    for (const float x : values) sum += static_cast<double>(x) * static_cast<double>(x);
    return std::sqrt(sum / static_cast<double>(values.size()));
  };
  CHECK(deviation(Initializer::kHe) == Approx(std::sqrt(2.0 / 400)).epsilon(0.01));
  CHECK(deviation(Initializer::kLecun) == Approx(std::sqrt(1.0 / 400)).epsilon(0.01));
  CHECK(deviation(Initializer::kXavier) == Approx(std::sqrt(2.0 / 700)).epsilon(0.01));

  const auto first = [](std::uint64_t seed) {
    Network network(parse_layer_list("5,4,relu,3,softmax"), true);
    network.initialize(Initializer::kHe, seed);
    return network.parameters()[0].values;
  };
  CHECK(first(1) == first(1));
  CHECK(first(1) != first(2));
}

TEST_CASE("nn: prediction leaves values as they are where training drops some") {
  Network plain(parse_layer_list("11,9,tanh,3,softmax"), true);
  plain.initialize(Initializer::kHe, 2);
  Network network(parse_layer_list("11,dropout:0.3,9,tanh,dropout:0.5,3,softmax"), true);
  std::vector<NamedParameter> parameters = plain.parameters();
  for (NamedParameter& p : parameters) p.name[0] = p.name[0] == '0' ? '1' : '4';
  network.set_parameters(parameters);
  ThreadPool pool(2);
  const Dataset data = some_data(70, 11);
  CHECK(predict(network, data, pool) == predict(plain, data, pool));
}

TEST_CASE("nn: random layers draw anew in every step, in every layer and for every seed") {
  const auto values = [](std::uint64_t seed, std::uint64_t step, std::size_t position) {
    std::vector<float> ones(1000, 1.0F);
    kernels::dropout(DropoutLayer::mask(seed, step, position), 0.5F, 0,
                     {ones.data(), 1, 1000, 1000}, {ones.data(), 1, 1000, 1000});
    return ones;
  };
  constexpr std::uint64_t kHigh = std::uint64_t{1} << 32;
  CHECK(values(1, 2, 3) == values(1, 2, 3));
  for (const auto& other : {values(2, 2, 3), values(1 + kHigh, 2, 3), values(1, 3, 3),
                            values(1, 2 + kHigh, 3), values(1, 2, 4)}) {
    CHECK(other != values(1, 2, 3));
  }
}

TEST_CASE("nn: predictions are the same bits for any number of threads and any block of rows") {
  Network network(parse_layer_list("11,9,tanh,3,softmax"), true);
  network.initialize(Initializer::kHe, 2);
  const Dataset data = some_data(201, 11);
  ThreadPool one(1);
  std::vector<float> losses;
  const AlignedVector<float> expected = predict(network, data, one, &losses);
  REQUIRE(expected.size() == 201 * 3);
  for (std::size_t r = 0; r < 201; ++r) {
    const float* p = expected.data() + r * 3;
    CHECK(p[0] + p[1] + p[2] == Approx(1));
    CHECK(losses[r] == Approx(-std::log(p[data.labels[r]])).margin(1e-6));
  }
  for (const std::size_t threads : {2U, 3U, 8U}) {
    ThreadPool pool(threads);
    std::vector<float> same;
    CHECK(predict(network, data, pool, &same) == expected);
    CHECK(same == losses);
  }
  CHECK(predict(network, Dataset{}, one).empty());
}

}  // namespace
}  // namespace mnist
