// The kernels that stream through memory: bytes read and written a second.
#include <benchmark/benchmark.h>

#include <vector>

#include "base/aligned_vector.h"
#include "kernels/activation.h"
#include "kernels/optimizer_update.h"
#include "kernels/softmax.h"

namespace mnist::kernels {
namespace {

using Floats = AlignedVector<float>;

void count_bytes(benchmark::State& state, std::size_t arrays) {
  state.SetBytesProcessed(state.iterations() * state.range(0) *
                          static_cast<std::int64_t>(arrays * sizeof(float)));
}

void sgd(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  Floats w(n, 1.0F);
  const Floats g(n, 1e-3F);
  for (auto _ : state) sgd_update(w.data(), g.data(), {1, n, n}, 1, 0.01F, 0);
  count_bytes(state, 3);
}

void momentum(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  Floats w(n, 1.0F);
  Floats v(n);
  const Floats g(n, 1e-3F);
  for (auto _ : state) {
    momentum_update(w.data(), v.data(), g.data(), {1, n, n}, 1, 0.01F, 0, 0.9F, false);
  }
  count_bytes(state, 5);
}

void adam(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  Floats w(n, 1.0F);
  Floats m(n);
  Floats v(n);
  const Floats g(n, 1e-3F);
  const AdamStep step{0.01F, 0.9F, 0.999F, 1e-8F, 0.5F, 0, 1};
  for (auto _ : state) adam_update(w.data(), m.data(), v.data(), g.data(), {1, n, n}, 1, step);
  count_bytes(state, 7);
}

void activation(benchmark::State& state, Activation kind) {
  const auto n = static_cast<std::size_t>(state.range(0));
  Floats z(n, 0.3F);
  Floats a(n);
  for (auto _ : state) {
    activation_forward(kind, {z.data(), n / 1024, 1024, 1024}, {a.data(), n / 1024, 1024, 1024});
  }
  count_bytes(state, 2);
}

void softmax_of_digits(benchmark::State& state) {
  Floats z(64 * 16, 0.3F);
  Floats p(64 * 16);
  Floats log_sums(64);
  for (auto _ : state) softmax({z.data(), 64, 10, 16}, {p.data(), 64, 10, 16}, log_sums.data());
}

// A small network's parameters, and 64 MB of them.
void sizes(benchmark::internal::Benchmark* benchmark) { benchmark->Arg(40960)->Arg(1 << 24); }

BENCHMARK(sgd)->Apply(sizes);
BENCHMARK(momentum)->Apply(sizes);
BENCHMARK(adam)->Apply(sizes);
BENCHMARK_CAPTURE(activation, relu, Activation::kRelu)->Arg(1 << 16);
BENCHMARK_CAPTURE(activation, sigmoid, Activation::kSigmoid)->Arg(1 << 16);
BENCHMARK_CAPTURE(activation, tanh, Activation::kTanh)->Arg(1 << 16);
BENCHMARK_CAPTURE(activation, gelu, Activation::kGelu)->Arg(1 << 16);
BENCHMARK(softmax_of_digits);

}  // namespace
}  // namespace mnist::kernels
