// Converts a vector of pixels to floats from 0 to 1. Included once per instruction set.
#if defined(MNIST_KERNELS_PIXEL_SCALE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MNIST_KERNELS_PIXEL_SCALE_INL_H
#undef MNIST_KERNELS_PIXEL_SCALE_INL_H
#else
#define MNIST_KERNELS_PIXEL_SCALE_INL_H
#endif

#include <hwy/highway.h>

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Lanes(d) pixels divided by 255.
template <class D>
HWY_INLINE hn::Vec<D> scaled_pixels(D d, const std::uint8_t* from) {
  const hn::Rebind<std::int32_t, D> d_int;
  const hn::Rebind<std::uint8_t, D> d_byte;
  const auto p = hn::ConvertTo(d, hn::PromoteTo(d_int, hn::LoadU(d_byte, from)));
  // 1/255 = 257/2^16 + 1/(255 · 2^16). The first product is exact, and adding the second gives the
  // correctly rounded quotient for each of the 256 pixels, several times faster than a division.
  const auto high = hn::Set(d, 257.0F / 65536.0F);
  const auto low = hn::Set(d, 1.0F / (255.0F * 65536.0F));
  return hn::MulAdd(p, low, hn::Mul(p, high));
}

}  // namespace mnist::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
