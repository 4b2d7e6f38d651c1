#include "kernels/batch_norm.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/batch_norm.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

#include "kernels/vector_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels {
namespace HWY_NAMESPACE {
namespace {

constexpr hn::ScalableTag<float> kTag;

// Columns per strip: their statistics stay in the L1 cache, and their rows in the L2 cache between
// passes over the data.
constexpr std::size_t kStrip = 256;

// Calls body(begin, columns) for each strip.
template <class Body>
void for_each_strip(std::size_t columns, Body body) {
  for (std::size_t begin = 0; begin < columns; begin += kStrip) {
    body(begin, std::min(kStrip, columns - begin));
  }
}

// out = factor · out, for the columns of a strip.
void scale(std::size_t columns, float factor, float* out) {
  for_each_vector(kTag, columns, [&](auto lanes, std::size_t i) HWY_ATTR {
    lanes.store(hn::Mul(hn::Set(kTag, factor), lanes.load(out + i)), out + i);
  });
}

// 1 / √(variance + ε).
void inverse_deviations(const float* variance, std::size_t columns, float* out) {
  for_each_vector(kTag, columns, [&](auto lanes, std::size_t i) HWY_ATTR {
    const auto shifted = hn::Add(lanes.load(variance + i), hn::Set(kTag, kBatchNormEpsilon));
    lanes.store(hn::Div(hn::Set(kTag, 1.0F), hn::Sqrt(shifted)), out + i);
  });
}

void moments(ConstMatrix x, float* mean, float* variance) {
  const float share = 1.0F / static_cast<float>(x.rows);
  for_each_strip(x.columns, [&](std::size_t begin, std::size_t columns) {
    float* m = mean + begin;
    float* v = variance + begin;
    std::fill_n(m, columns, 0.0F);
    std::fill_n(v, columns, 0.0F);
    for (std::size_t r = 0; r < x.rows; ++r) {
      const float* row = x.row(r) + begin;
      for_each_vector(kTag, columns, [&](auto lanes, std::size_t i) HWY_ATTR {
        lanes.store(hn::Add(lanes.load(m + i), lanes.load(row + i)), m + i);
      });
    }
    scale(columns, share, m);
    for (std::size_t r = 0; r < x.rows; ++r) {
      const float* row = x.row(r) + begin;
      for_each_vector(kTag, columns, [&](auto lanes, std::size_t i) HWY_ATTR {
        const auto centred = hn::Sub(lanes.load(row + i), lanes.load(m + i));
        lanes.store(hn::MulAdd(centred, centred, lanes.load(v + i)), v + i);
      });
    }
    scale(columns, share, v);
  });
}

void forward(const Normalization& n, ConstMatrix x, Matrix y) {
  for_each_strip(x.columns, [&](std::size_t begin, std::size_t columns) {
    HWY_ALIGN float factors[kStrip];
    inverse_deviations(n.variance + begin, columns, factors);
    for_each_vector(kTag, columns, [&](auto lanes, std::size_t i) HWY_ATTR {
      lanes.store(hn::Mul(lanes.load(factors + i), lanes.load(n.weight + begin + i)), factors + i);
    });
    for (std::size_t r = 0; r < x.rows; ++r) {
      const float* in = x.row(r) + begin;
      float* out = y.row(r) + begin;
      for_each_vector(kTag, columns, [&](auto lanes, std::size_t i) HWY_ATTR {
        const auto centred = hn::Sub(lanes.load(in + i), lanes.load(n.mean + begin + i));
        lanes.store(hn::MulAdd(centred, lanes.load(factors + i), lanes.load(n.bias + begin + i)),
                    out + i);
      });
    }
  });
}

void gradient(const Normalization& n, ConstMatrix x, ConstMatrix delta_y, float* weight_gradient,
              float* bias_gradient) {
  for_each_strip(x.columns, [&](std::size_t begin, std::size_t columns) {
    HWY_ALIGN float factors[kStrip];
    inverse_deviations(n.variance + begin, columns, factors);
    float* of_weight = weight_gradient + begin;
    float* of_bias = bias_gradient + begin;
    std::fill_n(of_weight, columns, 0.0F);
    std::fill_n(of_bias, columns, 0.0F);
    for (std::size_t r = 0; r < x.rows; ++r) {
      const float* in = x.row(r) + begin;
      const float* delta = delta_y.row(r) + begin;
      for_each_vector(kTag, columns, [&](auto lanes, std::size_t i) HWY_ATTR {
        const auto d = lanes.load(delta + i);
        const auto centred = hn::Sub(lanes.load(in + i), lanes.load(n.mean + begin + i));
        lanes.store(hn::Add(lanes.load(of_bias + i), d), of_bias + i);
        lanes.store(hn::MulAdd(d, centred, lanes.load(of_weight + i)), of_weight + i);
      });
    }
    for_each_vector(kTag, columns, [&](auto lanes, std::size_t i) HWY_ATTR {
      lanes.store(hn::Mul(lanes.load(of_weight + i), lanes.load(factors + i)), of_weight + i);
    });
  });
}

// With x̂ = (x - mean) / √(variance + ε) and means over the batch,
// ∂L/∂x = weight / √(variance + ε) · (δ - mean(δ) - x̂ · mean(δ x̂)).
void backward(const Normalization& n, const float* weight_gradient, const float* bias_gradient,
              std::size_t count, ConstMatrix x, ConstMatrix delta_y, Matrix delta_x) {
  const float share = 1.0F / static_cast<float>(count);
  for_each_strip(x.columns, [&](std::size_t begin, std::size_t columns) {
    HWY_ALIGN float factors[kStrip];  // factors on δ
    HWY_ALIGN float slopes[kStrip];   // factors on x - mean
    HWY_ALIGN float offsets[kStrip];
    inverse_deviations(n.variance + begin, columns, slopes);
    for_each_vector(kTag, columns, [&](auto lanes, std::size_t i) HWY_ATTR {
      const auto inverse = lanes.load(slopes + i);
      const auto factor = hn::Mul(inverse, lanes.load(n.weight + begin + i));
      const auto part = hn::Mul(factor, hn::Set(kTag, share));
      lanes.store(factor, factors + i);
      lanes.store(hn::Mul(part, lanes.load(bias_gradient + begin + i)), offsets + i);
      lanes.store(hn::Mul(hn::Mul(part, inverse), lanes.load(weight_gradient + begin + i)),
                  slopes + i);
    });
    for (std::size_t r = 0; r < x.rows; ++r) {
      const float* in = x.row(r) + begin;
      const float* delta = delta_y.row(r) + begin;
      float* out = delta_x.row(r) + begin;
      for_each_vector(kTag, columns, [&](auto lanes, std::size_t i) HWY_ATTR {
        const auto centred = hn::Sub(lanes.load(in + i), lanes.load(n.mean + begin + i));
        const auto straight =
            hn::MulSub(lanes.load(factors + i), lanes.load(delta + i), lanes.load(offsets + i));
        lanes.store(hn::NegMulAdd(lanes.load(slopes + i), centred, straight), out + i);
      });
    }
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace mnist::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mnist::kernels {

HWY_EXPORT(moments);
HWY_EXPORT(forward);
HWY_EXPORT(gradient);
HWY_EXPORT(backward);

void column_moments(ConstMatrix x, float* mean, float* variance) {
  HWY_DASSERT(x.rows > 0);
  HWY_DYNAMIC_DISPATCH(moments)(x, mean, variance);
}

void batch_norm_forward(const Normalization& n, ConstMatrix x, Matrix y) {
  HWY_DASSERT(same_shape(x, y));
  HWY_DYNAMIC_DISPATCH(forward)(n, x, y);
}

void batch_norm_gradient(const Normalization& n, ConstMatrix x, ConstMatrix delta_y,
                         float* weight_gradient, float* bias_gradient) {
  HWY_DASSERT(same_shape(x, delta_y));
  HWY_DYNAMIC_DISPATCH(gradient)(n, x, delta_y, weight_gradient, bias_gradient);
}

void batch_norm_backward(const Normalization& n, const float* weight_gradient,
                         const float* bias_gradient, std::size_t count, ConstMatrix x,
                         ConstMatrix delta_y, Matrix delta_x) {
  HWY_DASSERT(same_shape(x, delta_y) && same_shape(delta_y, delta_x) && count > 0);
  HWY_DYNAMIC_DISPATCH(backward)(n, weight_gradient, bias_gradient, count, x, delta_y, delta_x);
}

}  // namespace mnist::kernels
#endif
