// The first layer on real images, where four of five pixels are zero. `share` is the part of the
// peak of fused multiply-adds that a product over all pixels would have to reach to be as fast: it
// may exceed 1.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <random>
#include <vector>

#include "base/aligned_vector.h"
#include "bench/fma_peak.h"
#include "data/data_file.h"
#include "kernels/pixel_matmul.h"

namespace mnist::kernels {
namespace {

const Dataset& images() {
  static const Dataset data = load_data_file(MNIST_DATA_DIR "/mnist_test.csv.zst");
  return data;
}

struct FirstLayer {
  std::size_t batch, columns, stride = row_stride(columns);
  AlignedVector<float> weights = AlignedVector<float>(785 * stride, 0.1F);
  AlignedVector<float> z = AlignedVector<float>(batch * stride);
  AlignedVector<float> delta = AlignedVector<float>(batch * stride, 0.1F);
  AlignedVector<float> gradient = AlignedVector<float>(784 * stride);
  PixelBatch pixels{784, batch};
  std::minstd_rand random{};

  void load() {
    std::vector<const std::uint8_t*> rows(batch);
    for (auto& row : rows) row = images().row(random() % images().rows());
    pixels.load(0, 784, batch, [&](std::size_t r) { return rows[r]; });
  }
};

enum class Part { kTurn, kForward, kGradient };

void run(benchmark::State& state, Part part) {
  FirstLayer layer{.batch = static_cast<std::size_t>(state.range(0)),
                   .columns = static_cast<std::size_t>(state.range(1))};
  double seconds = 0;
  for (auto _ : state) {
    const double before_load = thread_seconds();
    layer.load();
    const double begin = thread_seconds();
    if (part == Part::kForward) {
      pixel_forward(layer.pixels, 0, 0, {layer.weights.data(), 784, layer.columns, layer.stride},
                    layer.weights.data() + 784 * layer.stride,
                    {layer.z.data(), layer.batch, layer.columns, layer.stride});
    } else if (part == Part::kGradient) {
      pixel_gradient(layer.pixels, 0,
                     {layer.delta.data(), layer.batch, layer.columns, layer.stride},
                     {layer.gradient.data(), 784, layer.columns, layer.stride});
    }
    const double took = part == Part::kTurn ? begin - before_load : thread_seconds() - begin;
    state.SetIterationTime(took);
    seconds += took;
  }
  const double each = seconds / static_cast<double>(state.iterations());
  state.counters["us"] = each * 1e6;
  if (part == Part::kTurn) return;
  const double operations = 2.0 * 784 * static_cast<double>(layer.batch * layer.columns);
  state.counters["share"] = operations / each / fma_peak();
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Args({64, 50})->Args({64, 10})->Args({500, 500})->Args({512, 2500})->UseManualTime();
}

BENCHMARK_CAPTURE(run, turn, Part::kTurn)->Apply(sizes);
BENCHMARK_CAPTURE(run, forward, Part::kForward)->Apply(sizes);
BENCHMARK_CAPTURE(run, gradient, Part::kGradient)->Apply(sizes);

}  // namespace
}  // namespace mnist::kernels
