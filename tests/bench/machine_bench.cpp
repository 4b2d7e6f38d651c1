// What the machine can do at most: multiply-adds of one core, and how long a line of memory takes
// from one core to the other and back. The latter tells what a second thread can be worth on a
// network whose step takes microseconds; on a virtual machine it may change from minute to minute.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "bench/fma_peak.h"

namespace mnist::kernels {
namespace {

void multiply_adds(benchmark::State& state) {
  double peak = 0;
  for (auto _ : state) peak = std::max(peak, fma_peak());
  state.counters["GFLOP/s"] = peak * 1e-9;
}

void line_to_other_core_and_back(benchmark::State& state) {
  alignas(128) std::atomic<int> turn{0};
  std::thread other([&turn] {
    for (;;) {
      const int seen = turn.load();
      if (seen < 0) return;
      if (seen == 1) turn.store(0);
    }
  });
  for (auto _ : state) {
    turn.store(1);
    while (turn.load() == 1) {
    }
  }
  turn.store(-1);
  other.join();
}

BENCHMARK(multiply_adds);
BENCHMARK(line_to_other_core_and_back)->UseRealTime();

}  // namespace
}  // namespace mnist::kernels
