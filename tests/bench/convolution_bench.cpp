// Networks with convolutions: a step of training (forward, backward, Adam) on random images, and
// inference. `share` is the part of the peak of fused multiply-adds of so many cores, counted as if
// nothing were zero: a step counts three products for each multiply-add of a prediction, but two
// for a first layer, whose input has no delta.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/random.h"
#include "bench/fma_peak.h"
#include "nn/network.h"
#include "train/batch_trainer.h"

namespace mnist {
namespace {

struct Work {
  const char* layers;
  std::size_t batch;
};

// The networks of pytorch/examples, Keras' simple_mnist_convnet, ggml's mnist-cnn and LeNet-5.
constexpr Work kWorks[] = {
    {"32c3,relu,64c3,relu,maxpool:2,128,relu", 64},
    {"32c3,relu,maxpool:2,64c3,relu,maxpool:2", 128},
    {"8c3same,relu,maxpool:2,16c3same,relu,maxpool:2", 500},
    {"6c5,relu,maxpool:2,16c5,relu,maxpool:2,120,relu,84,relu", 64},
};

Network network_of(const char* layers) {
  Network network(complete_layer_list(layers, {1, 28, 28}, 10), true);
  network.initialize(Initializer::kHe, 1);
  return network;
}

Dataset random_images(std::size_t rows) {
  Dataset data;
  data.shape = {1, 28, 28};
  data.classes = 10;
  RandomStream random(1, RandomPurpose::kDraw, rows);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t i = 0; i < data.features(); ++i) {
      data.pixels.push_back(static_cast<std::uint8_t>(random.below(256)));
    }
    data.labels.push_back(static_cast<std::int32_t>(random.below(10)));
  }
  return data;
}

// Multiply-adds of an image's forward pass, or of a whole step.
double multiply_adds(const LayerList& list, bool step) {
  const std::vector<Shape> shapes = list.shapes();
  double sum = 0;
  for (std::size_t i = 0; i < list.layers.size(); ++i) {
    const LayerSpec& layer = list.layers[i];
    std::size_t products = 0;
    if (layer.kind == LayerKind::kDense) products = shapes[i].size() * layer.width;
    if (layer.kind == LayerKind::kConvolution) {
      products = shapes[i + 1].size() * layer.side * layer.side * shapes[i].channels;
    }
    sum += static_cast<double>(products) * (!step ? 1 : i == 0 ? 2 : 3);
  }
  return sum;
}

void tell(benchmark::State& state, double operations, std::size_t threads) {
  double peak = 0;  // of one core; the clock may have to rise first
  for (int i = 0; i < 1000; ++i) peak = std::max(peak, kernels::fma_peak());
  peak *= static_cast<double>(threads);
  state.counters["share"] =
      benchmark::Counter(2 * operations / peak, benchmark::Counter::kIsIterationInvariantRate);
}

void step(benchmark::State& state, const Work& work) {
  const auto threads = static_cast<std::size_t>(state.range(0));
  const Dataset data = random_images(work.batch);
  std::vector<std::uint32_t> rows(work.batch);
  std::iota(rows.begin(), rows.end(), 0U);
  Network network = network_of(work.layers);
  ThreadPool pool(threads);
  OptimizerSettings adam;
  adam.kind = OptimizerKind::kAdam;
  BatchTrainer trainer(network, {}, adam, work.batch, pool, InputForm::kFloats);
  for (auto _ : state) trainer.step(data, rows, 1e-3F);
  tell(state, multiply_adds(network.layers(), true) * static_cast<double>(work.batch), threads);
}

void inference(benchmark::State& state, const Work& work) {
  const auto threads = static_cast<std::size_t>(state.range(0));
  const Dataset data = random_images(1000);
  const Network network = network_of(work.layers);
  ThreadPool pool(threads);
  for (auto _ : state) benchmark::DoNotOptimize(predict(network, data, pool));
  tell(state, multiply_adds(network.layers(), false) * static_cast<double>(data.rows()), threads);
}

void threads(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);
}

BENCHMARK_CAPTURE(step, pytorch_examples, kWorks[0])->Apply(threads);
BENCHMARK_CAPTURE(step, keras, kWorks[1])->Apply(threads);
BENCHMARK_CAPTURE(step, ggml, kWorks[2])->Apply(threads);
BENCHMARK_CAPTURE(step, lenet5, kWorks[3])->Apply(threads);
BENCHMARK_CAPTURE(inference, pytorch_examples, kWorks[0])->Apply(threads);

}  // namespace
}  // namespace mnist
