#include "train/batch_trainer.h"

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "catch.h"
#include "nn/layer_list.h"

namespace mnist {
namespace {

Dataset noise(std::size_t rows) {
  Dataset data;
  data.shape = shape_of_row(70);  // no multiple of what is loaded at a time
  data.classes = 3;
  RandomStream random(1, RandomPurpose::kDraw, 0);
  for (std::size_t i = 0; i < rows * data.features(); ++i) {
    data.pixels.push_back(static_cast<std::uint8_t>(random.below(4) == 0 ? random.below(256) : 0));
  }
  for (std::size_t r = 0; r < rows; ++r) {
    data.labels.push_back(static_cast<std::int32_t>(random.below(3)));
  }
  return data;
}

using Rows = std::vector<std::uint32_t>;

Rows every_third(std::size_t n) {
  Rows rows(n);
  for (std::size_t i = 0; i < n; ++i) rows[i] = static_cast<std::uint32_t>(3 * i);
  return rows;
}

// Four steps, each of them told which rows come next.
std::vector<double> losses(const std::string& layers, std::size_t threads, InputForm form,
                           const std::vector<Rows>& upcoming) {
  const Dataset data = noise(200);
  const std::vector<Rows> batches{every_third(40), every_third(21), {7, 8, 9, 10, 11}, {4}};
  Network network(parse_layer_list(layers), true);
  network.initialize(Initializer::kHe, 0);
  ThreadPool pool(threads);
  BatchTrainer trainer(network, LossSettings{}, OptimizerSettings{}, 40, pool, form);
  std::vector<double> result;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    result.push_back(trainer.step(data, batches[i], 0.1F, upcoming[i]));
  }
  return result;
}

TEST_CASE("train: a step depends neither on threads nor on which rows were said to come next") {
  const std::vector<Rows> none(4);
  const std::vector<Rows> right{every_third(21), {7, 8, 9, 10, 11}, {4}, {}};
  const std::vector<Rows> wrong{{199, 1}, {4}, {4, 5}, {0}};
  // The first layer sums in two chains, or in one.
  for (const std::string layers :
       {"70,20,relu,12,tanh,3,softmax", "70,256,3,softmax", "70,257,3,softmax"}) {
    const std::vector<double> expected = losses(layers, 1, InputForm::kPixels, none);
    for (const InputForm form : {InputForm::kPixels, InputForm::kFloats}) {
      for (const std::size_t threads : {1U, 2U, 3U, 4U}) {
        INFO(layers << ", " << threads << " threads");
        CHECK(losses(layers, threads, form, none) == expected);
        CHECK(losses(layers, threads, form, right) == expected);
        CHECK(losses(layers, threads, form, wrong) == expected);
      }
    }
  }
}

TEST_CASE("train: one of the threads does what is to be done aside, once a step") {
  const Dataset data = noise(20);
  for (const std::size_t threads : {1U, 2U, 3U}) {
    Network network(parse_layer_list("70,5,relu,3,softmax"), true);
    ThreadPool pool(threads);
    BatchTrainer trainer(network, LossSettings{}, OptimizerSettings{}, 2, pool);
    int calls = 0;
    for (int step = 0; step < 3; ++step) {
      CHECK(calls == step);
      trainer.step(data, Rows{4, 7}, 0.1F, Rows{4, 7}, nullptr, [&] { ++calls; });
    }
    CHECK(calls == 3);
  }
}

}  // namespace
}  // namespace mnist
