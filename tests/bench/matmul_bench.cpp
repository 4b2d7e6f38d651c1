// Matrix products as training asks for them, on every instruction set of this processor. `share` is
// the part of the peak of fused multiply-adds that a product reaches, counted as if no element were
// zero. The peak is measured again right beside each product, because the clock changes with the
// load.
#include <benchmark/benchmark.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include "base/aligned_vector.h"
#include "bench/fma_peak.h"
#include "kernels/matmul.h"

namespace mnist::kernels {
namespace {

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

struct Product {
  const char* name;
  Op op_a, op_b;
};
constexpr Product kForward{"forward", Op::kPlain, Op::kPlain};
constexpr Product kWeightGradient{"weight_gradient", Op::kTransposed, Op::kPlain};
constexpr Product kInputGradient{"input_gradient", Op::kPlain, Op::kTransposed};

/// A matrix of random floats whose rows start on cache lines; so many percent of them are zero.
struct Storage {
  Storage(std::size_t rows, std::size_t columns, int zeros = 0)
      : stride(row_stride(columns)),
        floats(rows * stride),
        view{floats.data(), rows, columns, stride} {
    std::minstd_rand random;
    std::uniform_real_distribution<float> uniform(-1, 1);
    std::bernoulli_distribution is_zero(zeros / 100.0);
    for (float& x : floats) x = is_zero(random) ? 0 : uniform(random);
  }
  std::size_t stride;
  AlignedVector<float> floats;
  Matrix view;
};

/// C [m × n] with sums over k, of an A of which so many percent are zero.
void run(benchmark::State& state, std::int64_t target, Product product, std::size_t m,
         std::size_t k, std::size_t n, int zeros) {
  hwy::GetChosenTarget().Update(target);
  const bool a_plain = product.op_a == Op::kPlain;
  const bool b_plain = product.op_b == Op::kPlain;
  const Storage a(a_plain ? m : k, a_plain ? k : m, zeros);
  const Storage b(b_plain ? k : n, b_plain ? n : k);
  const Storage bias(1, n);
  const Storage c(m, n);
  const double operations = 2.0 * static_cast<double>(m * n * k);
  const auto calls = static_cast<std::size_t>(std::max(1.0, std::min(2000.0, 2e7 / operations)));
  std::vector<double> seconds;
  std::vector<double> shares;
  for (auto _ : state) {
    const double peak_before = fma_peak();
    const double start = thread_seconds();
    for (std::size_t call = 0; call < calls; ++call) {
      if (!a_plain) {  // as an optimizer takes it
        matmul_in_blocks(a.view, b.view, nullptr, c.stride, {},
                         [](std::size_t, std::size_t, Matrix) {});
      } else {
        matmul(product.op_a, a.view, product.op_b, b.view, b_plain ? bias.view.data : nullptr,
               c.view);
      }
    }
    const double elapsed = (thread_seconds() - start) / static_cast<double>(calls);
    const double peak = (peak_before + fma_peak()) / 2;
    seconds.push_back(elapsed);
    shares.push_back(operations / elapsed / peak);
    state.SetIterationTime(elapsed);
  }
  state.counters["us"] = median(seconds) * 1e6;
  state.counters["gflops"] = operations / median(seconds) * 1e-9;
  state.counters["share"] = median(shares);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

/// The three products of a layer: `batch` samples, `in` inputs, `out` outputs, and how many percent
/// of its inputs and deltas are zero.
void register_layer(std::size_t batch, std::size_t in, std::size_t out, int zeros = 0) {
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    const auto add = [&](Product product, std::size_t m, std::size_t k, std::size_t n) {
      const std::string name = std::string(hwy::TargetName(target)) + "/" + product.name + "/" +
                               std::to_string(m) + "x" + std::to_string(k) + "x" +
                               std::to_string(n) +
                               (zeros > 0 ? "/zeros:" + std::to_string(zeros) + "%" : "");
      // About half a second each, for which the library's own choice would count only the products.
      const double milliseconds = 0.3 + 2e-8 * static_cast<double>(m * k * n);
      benchmark::RegisterBenchmark(name.c_str(), run, target, product, m, k, n, zeros)
          ->UseManualTime()
          ->Iterations(std::max(3, static_cast<int>(500 / milliseconds)));
    };
    add(kForward, batch, in, out);
    add(kWeightGradient, in, batch, out);
    add(kInputGradient, batch, out, in);
  }
}

const bool kRegistered = [] {
  register_layer(64, 784, 50);
  register_layer(64, 50, 20);
  register_layer(64, 20, 10);
  register_layer(500, 784, 500);
  register_layer(500, 500, 10);
  register_layer(128, 1024, 1024);
  register_layer(512, 1024, 1024);
  register_layer(512, 784, 2500);
  register_layer(512, 2500, 2000);
  register_layer(512, 2000, 1500);
  register_layer(512, 1500, 1000);
  register_layer(512, 1000, 500);
  register_layer(512, 2500, 2000, 50);
  register_layer(512, 2048, 512, 90);
  return true;
}();

}  // namespace
}  // namespace mnist::kernels
