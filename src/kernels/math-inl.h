// Exponential, logarithm and hyperbolic tangent for activations and losses. They give the same bits
// on every target with fused multiply-add; the last bits of hn::Exp and others may change between
// versions of Highway. NaN gives NaN.
//
// Included once per instruction set.
#if defined(MNIST_KERNELS_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MNIST_KERNELS_MATH_INL_H_
#undef MNIST_KERNELS_MATH_INL_H_
#else
#define MNIST_KERNELS_MATH_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// x · factor rounded to the nearest integer, as a T, and as an integer in `whole`; its absolute
/// value is below 2^22. Adding 1.5 · 2^p, where p is the number of mantissa bits of T, leaves no
/// bits for a fraction.
template <class D, class V = hn::Vec<D>, class VI = hn::Vec<hn::RebindToSigned<D>>>
HWY_INLINE V rounded_product(D d, V x, V factor, VI& whole) {
  using T = hn::TFromD<D>;
  const hn::RebindToSigned<D> ints;
  constexpr int kDigits = std::numeric_limits<T>::digits;
  const V big = hn::Set(d, static_cast<T>(1.5) * static_cast<T>(std::int64_t{1} << (kDigits - 1)));
  const V shifted = hn::MulAdd(x, factor, big);
  whole = hn::Sub(hn::BitCast(ints, shifted), hn::BitCast(ints, big));
  return hn::Sub(shifted, big);
}

/// Range reduction x = q · ln 2 + r with |r| < 0.35: sets q and returns e^r - 1, with an error of
/// at most 1e-8 · e^r.
template <class D, class V = hn::Vec<D>, class VI = hn::Vec<hn::RebindToSigned<D>>>
HWY_INLINE V reduced_exp_minus_one(D d, V x, VI& q) {
  const V whole = rounded_product(d, x, hn::Set(d, 1.44269504F), q);
  V r = hn::NegMulAdd(whole, hn::Set(d, 0.693359375F), x);  // exact
  r = hn::NegMulAdd(whole, hn::Set(d, -2.12194440e-4F), r);
  // (e^r - 1 - r) / r² at Chebyshev nodes.
  const V r2 = hn::Mul(r, r);
  const V low = hn::MulAdd(hn::Set(d, 0.166665763F), r, hn::Set(d, 0.5F));
  const V middle = hn::MulAdd(hn::Set(d, 8.36317800e-3F), r, hn::Set(d, 4.16665561e-2F));
  const V high = hn::MulAdd(hn::Set(d, 1.39261817e-3F), r2, middle);
  return hn::MulAdd(hn::MulAdd(high, r2, low), r2, r);
}

/// 2^q for -126 <= q <= 127.
template <class D, class VI>
HWY_INLINE hn::Vec<D> power_of_two(D d, VI q) {
  return hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(q, hn::Set(hn::RebindToSigned<D>(), 127))));
}

/// e^x for x <= 88, with an error of at most 1 ulp.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V exp_of(D d, V x) {
  const hn::RebindToSigned<D> ints;
  // The result rounds to 0 below -104.
  const V lowest = hn::Set(d, -104.0F);
  hn::Vec<decltype(ints)> q;
  const V e = hn::Add(reduced_exp_minus_one(d, hn::IfThenElse(hn::Lt(x, lowest), lowest, x), q),
                      hn::Set(d, 1.0F));
  const auto half = hn::ShiftRight<1>(q);  // in two steps: 2^q may be too small for a float
  const V y = hn::Mul(hn::Mul(e, power_of_two(d, half)), power_of_two(d, hn::Sub(q, half)));
  return hn::IfThenElse(hn::IsNaN(x), x, y);
}

/// tanh x, with an error of at most 3 ulps.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V tanh_of(D d, V x) {
  // (e^2x - 1) / (e^2x + 1); it rounds to 1 well before |x| = 10.
  const V largest = hn::Set(d, 10.0F);
  const V size = hn::Abs(x);
  const V bounded = hn::IfThenElse(hn::Gt(size, largest), largest, size);
  hn::Vec<hn::RebindToSigned<D>> q;
  const V rest = reduced_exp_minus_one(d, hn::Add(bounded, bounded), q);
  const V scale = power_of_two(d, q);
  const V e = hn::MulAdd(scale, rest, hn::Sub(scale, hn::Set(d, 1.0F)));
  const V y = hn::Div(e, hn::Add(e, hn::Set(d, 2.0F)));
  return hn::IfThenElse(hn::IsNaN(x), x, hn::CopySign(y, x));
}

/// ln x for normal x > 0, with an error of at most 1 ulp.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V log_of(D d, V x) {
  const hn::RebindToSigned<D> ints;
  // x = 2^k · m with m from √½ to √2.
  const auto bits = hn::BitCast(ints, x);
  const auto k = hn::ShiftRight<23>(hn::Sub(bits, hn::Set(ints, 0x3F3504F3)));
  const V m = hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<23>(k)));
  // ln m = 2 artanh s = 2s + s · R = f - s · (f - R) with f = m - 1 and s = f / (2 + f).
  const V f = hn::Sub(m, hn::Set(d, 1.0F));
  const V s = hn::Div(f, hn::Add(hn::Set(d, 2.0F), f));
  const V z = hn::Mul(s, s);
  V series = hn::MulAdd(hn::Set(d, 2.0F / 9), z, hn::Set(d, 2.0F / 7));
  series = hn::MulAdd(series, z, hn::Set(d, 2.0F / 5));
  series = hn::MulAdd(series, z, hn::Set(d, 2.0F / 3));
  const V of_m = hn::NegMulAdd(s, hn::NegMulAdd(series, z, f), f);
  const V exponent = hn::ConvertTo(d, k);
  const V y = hn::MulAdd(exponent, hn::Set(d, 0.693359375F),
                         hn::MulAdd(exponent, hn::Set(d, -2.12194440e-4F), of_m));
  return hn::IfThenElse(hn::IsNaN(x), x, y);
}

/// e^x in double for x <= 0, with a relative error of at most 4e-12; below -500 it returns e^-500.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V exp_of_negative(D d, V x) {
  const hn::RebindToSigned<D> ints;
  const V lowest = hn::Set(d, -500.0);
  const V bounded = hn::IfThenElse(hn::Lt(x, lowest), lowest, x);
  hn::Vec<decltype(ints)> q;
  const V whole = rounded_product(d, bounded, hn::Set(d, 1.4426950408889634), q);
  V r = hn::NegMulAdd(whole, hn::Set(d, 6.93145751953125e-1), bounded);  // exact
  r = hn::NegMulAdd(whole, hn::Set(d, 1.42860682030941723212e-6), r);
  // (e^r - 1 - r) / r² at Chebyshev nodes.
  const V r2 = hn::Mul(r, r);
  const V p01 = hn::MulAdd(hn::Set(d, 0.16666666719021456), r, hn::Set(d, 0.5));
  const V p23 = hn::MulAdd(hn::Set(d, 8.333298473121765e-3), r, hn::Set(d, 4.1666666719004784e-2));
  const V p45 = hn::MulAdd(hn::Set(d, 1.9899282811157944e-4), r, hn::Set(d, 1.3888854038986412e-3));
  const V high = hn::MulAdd(hn::MulAdd(hn::Set(d, 2.485958707110813e-5), r2, p45), r2, p23);
  const V e = hn::Add(hn::MulAdd(hn::MulAdd(high, r2, p01), r2, r), hn::Set(d, 1.0));
  const auto scale = hn::ShiftLeft<52>(hn::Add(q, hn::Set(ints, 1023)));
  return hn::IfThenElse(hn::IsNaN(x), x, hn::Mul(e, hn::BitCast(d, scale)));
}

}  // namespace HWY_NAMESPACE
}  // namespace mnist::kernels
HWY_AFTER_NAMESPACE();

#endif
