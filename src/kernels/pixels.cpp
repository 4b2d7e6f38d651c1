#include "kernels/pixels.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pixels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

#include "kernels/pixel_scale-inl.h"
#include "kernels/vector_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels {
namespace HWY_NAMESPACE {
namespace {

void scale(const std::uint8_t* pixels, std::size_t n, float* out) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(scaled_pixels(d, pixels + i), d, out + i);
  if (i < n) {
    std::uint8_t rest[hn::MaxLanes(d)] = {};
    std::copy(pixels + i, pixels + n, rest);
    PartialVector<decltype(d)>{d, n - i}.store(scaled_pixels(d, rest), out + i);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace mnist::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mnist::kernels {

HWY_EXPORT(scale);

void scale_pixels(const std::uint8_t* pixels, std::size_t n, float* out) {
  HWY_DYNAMIC_DISPATCH(scale)(pixels, n, out);
}

void prefetch_pixels(const std::uint8_t* pixels, std::size_t n) {
  constexpr std::size_t kLine = 64;
  // Into the L2 cache, because the rows of a batch do not fit the L1 cache.
  constexpr int kRead = 0;
  constexpr int kSecondLevel = 2;
  for (std::size_t i = 0; i < n + kLine - 1; i += kLine) {
    __builtin_prefetch(pixels + std::min(i, n - 1), kRead, kSecondLevel);
  }
}

}  // namespace mnist::kernels
#endif
