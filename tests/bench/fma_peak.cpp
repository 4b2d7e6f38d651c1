#include "bench/fma_peak.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/fma_peak.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cstddef>
#include <ctime>

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kPeakSums = 12;  // hide the latency and leave registers for the factors

/// Multiply-adds on registers only; returns how many floating-point operations that was.
double multiply_add_registers(std::size_t steps, float* sink) {
  const hn::ScalableTag<float> d;
  hn::Vec<decltype(d)> sums[kPeakSums];
  for (std::size_t i = 0; i < kPeakSums; ++i) {
    sums[i] = hn::Iota(d, sink[0] + static_cast<float>(i));
  }
  const auto factor = hn::Set(d, 0.99371f);
  const auto addend = hn::Set(d, 0.17389f);
  for (std::size_t step = 0; step < steps; ++step) {
    HWY_UNROLL(4) for (int repeat = 0; repeat < 4; ++repeat) {
      HWY_UNROLL(12) for (std::size_t i = 0; i < kPeakSums; ++i) {
        sums[i] = hn::MulAdd(sums[i], factor, addend);
      }
    }
  }
  for (std::size_t i = 1; i < kPeakSums; ++i) sums[0] = hn::Add(sums[0], sums[i]);
  sink[0] = hn::GetLane(sums[0]);
  return 2.0 * 4.0 * static_cast<double>(steps * kPeakSums * hn::Lanes(d));
}

}  // namespace
}  // namespace mnist::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mnist::kernels {

HWY_EXPORT(multiply_add_registers);

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double fma_peak() {
  static float sink = 1;
  const double start = thread_seconds();
  const double operations = HWY_DYNAMIC_DISPATCH(multiply_add_registers)(4000, &sink);
  return operations / (thread_seconds() - start);
}

}  // namespace mnist::kernels
#endif
