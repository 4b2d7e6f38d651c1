#include "kernels/optimizer_update.h"

#include <cstddef>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/optimizer_update.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

#include "kernels/partial_sums.h"
#include "kernels/vector_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels {
namespace HWY_NAMESPACE {
namespace {

using FloatTag = hn::ScalableTag<float>;
using Floats = hn::Vec<FloatTag>;
constexpr FloatTag kTag;

HWY_INLINE Floats all(float x) { return hn::Set(kTag, x); }

/// scale · g + decay · w
HWY_INLINE Floats decayed(Floats w, Floats g, float scale, float decay) {
  return hn::MulAdd(all(decay), w, hn::Mul(all(scale), g));
}

/// x, or 0 if x is subnormal. Without a gradient a moving average decays to a subnormal number and
/// then stays there through rounding; arithmetic with it is a hundred times slower.
HWY_INLINE Floats flushed(Floats x) {
  const Floats smallest = all(std::numeric_limits<float>::min());
  return hn::IfThenZeroElse(hn::Lt(hn::Abs(x), smallest), x);
}

/// The moving average keep · average + x.
HWY_INLINE Floats averaged(Floats average, Floats x, float keep) {
  return flushed(hn::MulAdd(all(keep), average, x));
}

/// The moving average of squares: keep · s + (1 - keep) · d².
HWY_INLINE Floats averaged_square(Floats s, Floats d, float keep) {
  return averaged(s, hn::Mul(all(1 - keep), hn::Mul(d, d)), keep);
}

/// d / (√s + epsilon)
HWY_INLINE Floats normalized(Floats d, Floats s, float epsilon) {
  return hn::Div(d, hn::Add(hn::Sqrt(s), all(epsilon)));
}

void sgd(float* w, const float* g, Extent extent, float scale, float rate, float decay) {
  for_each_vector(kTag, extent, [=](auto lanes, std::size_t i) HWY_ATTR {
    const Floats old_w = lanes.load(w + i);
    const Floats d = decayed(old_w, lanes.load(g + i), scale, decay);
    lanes.store(hn::NegMulAdd(all(rate), d, old_w), w + i);
  });
}

void momentum(float* w, float* v, const float* g, Extent extent, float scale, float rate,
              float decay, float keep, bool nesterov) {
  for_each_vector(kTag, extent, [=](auto lanes, std::size_t i) HWY_ATTR {
    const Floats old_w = lanes.load(w + i);
    const Floats d = decayed(old_w, lanes.load(g + i), scale, decay);
    const Floats new_v = averaged(lanes.load(v + i), d, keep);
    lanes.store(new_v, v + i);
    const Floats u = nesterov ? hn::MulAdd(all(keep), new_v, d) : new_v;
    lanes.store(hn::NegMulAdd(all(rate), u, old_w), w + i);
  });
}

void rmsprop(float* w, float* s, float* v, const float* g, Extent extent, float scale, float rate,
             float decay, float alpha, float epsilon, float keep) {
  for_each_vector(kTag, extent, [=](auto lanes, std::size_t i) HWY_ATTR {
    const Floats old_w = lanes.load(w + i);
    const Floats d = decayed(old_w, lanes.load(g + i), scale, decay);
    const Floats new_s = averaged_square(lanes.load(s + i), d, alpha);
    lanes.store(new_s, s + i);
    Floats u = normalized(d, new_s, epsilon);
    if (v != nullptr) {
      u = averaged(lanes.load(v + i), u, keep);
      lanes.store(u, v + i);
    }
    lanes.store(hn::NegMulAdd(all(rate), u, old_w), w + i);
  });
}

void adagrad(float* w, float* s, const float* g, Extent extent, float scale, float rate,
             float decay, float epsilon) {
  for_each_vector(kTag, extent, [=](auto lanes, std::size_t i) HWY_ATTR {
    const Floats old_w = lanes.load(w + i);
    const Floats d = decayed(old_w, lanes.load(g + i), scale, decay);
    const Floats new_s = hn::MulAdd(d, d, lanes.load(s + i));
    lanes.store(new_s, s + i);
    lanes.store(hn::NegMulAdd(all(rate), normalized(d, new_s, epsilon), old_w), w + i);
  });
}

void adam(float* w, float* m, float* v, const float* g, Extent extent, float scale, AdamStep step) {
  // m / (√v / c + ε) = c · m / (√v + c · ε): one division per weight instead of two.
  const float rate = step.rate * step.root_correction;
  const float epsilon = step.epsilon * step.root_correction;
  for_each_vector(kTag, extent, [=](auto lanes, std::size_t i) HWY_ATTR {
    const Floats old_w = hn::Mul(all(step.decoupled), lanes.load(w + i));
    const Floats d = decayed(old_w, lanes.load(g + i), scale, step.decay);
    const Floats new_m = averaged(lanes.load(m + i), hn::Mul(all(1 - step.beta1), d), step.beta1);
    lanes.store(new_m, m + i);
    const Floats new_v = averaged_square(lanes.load(v + i), d, step.beta2);
    lanes.store(new_v, v + i);
    lanes.store(hn::NegMulAdd(all(rate), normalized(new_m, new_v, epsilon), old_w), w + i);
  });
}

void move_average(float* average, const float* x, Extent extent, float share) {
  for_each_vector(kTag, extent, [=](auto lanes, std::size_t i) HWY_ATTR {
    const Floats old = lanes.load(average + i);
    const Floats moved = hn::MulAdd(all(share), hn::Sub(lanes.load(x + i), old), old);
    lanes.store(flushed(moved), average + i);
  });
}

/// Squares of floats are exact in double, so a fused and a separate addition give the same bits.
double squares(const float* x, std::size_t n) {
  const hn::CappedTag<double, kPartialSums / 4> d;
  const hn::Rebind<float, decltype(d)> d_float;
  const std::size_t step = hn::Lanes(d);
  const std::size_t whole = n / kPartialSums * kPartialSums;

  HWY_ALIGN double sums[kPartialSums];
  // Four accumulators hide the latency of an addition. With vectors of fewer than 4 doubles they
  // cover only a part of the partial sums, and the loop makes several passes.
  for (std::size_t first = 0; first < kPartialSums; first += 4 * step) {
    auto s0 = hn::Zero(d);
    auto s1 = s0;
    auto s2 = s0;
    auto s3 = s0;
    for (std::size_t i = first; i < whole; i += kPartialSums) {
      const auto x0 = hn::PromoteTo(d, hn::LoadU(d_float, x + i));
      const auto x1 = hn::PromoteTo(d, hn::LoadU(d_float, x + i + step));
      const auto x2 = hn::PromoteTo(d, hn::LoadU(d_float, x + i + 2 * step));
      const auto x3 = hn::PromoteTo(d, hn::LoadU(d_float, x + i + 3 * step));
      s0 = hn::MulAdd(x0, x0, s0);
      s1 = hn::MulAdd(x1, x1, s1);
      s2 = hn::MulAdd(x2, x2, s2);
      s3 = hn::MulAdd(x3, x3, s3);
    }
    hn::Store(s0, d, sums + first);
    hn::Store(s1, d, sums + first + step);
    hn::Store(s2, d, sums + first + 2 * step);
    hn::Store(s3, d, sums + first + 3 * step);
  }
  for (std::size_t i = whole; i < n; ++i) {
    sums[i - whole] += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  }
  return fold(sums);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace mnist::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mnist::kernels {

HWY_EXPORT(sgd);
HWY_EXPORT(momentum);
HWY_EXPORT(rmsprop);
HWY_EXPORT(adagrad);
HWY_EXPORT(adam);
HWY_EXPORT(move_average);
HWY_EXPORT(squares);

void sgd_update(float* w, const float* g, Extent extent, float scale, float rate, float decay) {
  HWY_DYNAMIC_DISPATCH(sgd)(w, g, extent, scale, rate, decay);
}

void momentum_update(float* w, float* v, const float* g, Extent extent, float scale, float rate,
                     float decay, float momentum, bool nesterov) {
  HWY_DYNAMIC_DISPATCH(momentum)(w, v, g, extent, scale, rate, decay, momentum, nesterov);
}

void rmsprop_update(float* w, float* s, float* v, const float* g, Extent extent, float scale,
                    float rate, float decay, float alpha, float epsilon, float momentum) {
  HWY_DYNAMIC_DISPATCH(rmsprop)
  (w, s, v, g, extent, scale, rate, decay, alpha, epsilon, momentum);
}

void adagrad_update(float* w, float* s, const float* g, Extent extent, float scale, float rate,
                    float decay, float epsilon) {
  HWY_DYNAMIC_DISPATCH(adagrad)(w, s, g, extent, scale, rate, decay, epsilon);
}

void adam_update(float* w, float* m, float* v, const float* g, Extent extent, float scale,
                 const AdamStep& step) {
  HWY_DYNAMIC_DISPATCH(adam)(w, m, v, g, extent, scale, step);
}

void move_average(float* average, const float* x, Extent extent, float share) {
  HWY_DYNAMIC_DISPATCH(move_average)(average, x, extent, share);
}

double sum_of_squares(const float* x, std::size_t n) { return HWY_DYNAMIC_DISPATCH(squares)(x, n); }

}  // namespace mnist::kernels
#endif
