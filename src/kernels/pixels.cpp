#include "kernels/pixels.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pixels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

#include "kernels/vector_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels {
namespace HWY_NAMESPACE {
namespace {

void scale(const std::uint8_t* pixels, std::size_t n, float* out) {
  const hn::ScalableTag<float> d;
  const hn::Rebind<std::int32_t, decltype(d)> d_int;
  const hn::Rebind<std::uint8_t, decltype(d)> d_byte;
  // 1/255 = 257/2^16 + 1/(255 · 2^16). The first product is exact, and adding the second gives the
  // correctly rounded quotient for each of the 256 pixels, several times faster than a division.
  const auto scaled = [&](const std::uint8_t* from) HWY_ATTR {
    const auto p = hn::ConvertTo(d, hn::PromoteTo(d_int, hn::LoadU(d_byte, from)));
    const auto high = hn::Set(d, 257.0f / 65536.0f);
    const auto low = hn::Set(d, 1.0f / (255.0f * 65536.0f));
    return hn::MulAdd(p, low, hn::Mul(p, high));
  };

  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(scaled(pixels + i), d, out + i);
  if (i < n) {
    std::uint8_t rest[hn::MaxLanes(d)] = {};
    std::copy(pixels + i, pixels + n, rest);
    PartialVector<decltype(d)>{d, n - i}.store(scaled(rest), out + i);
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

}  // namespace mnist::kernels
#endif
