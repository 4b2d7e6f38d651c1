#include "kernels/activation.h"

#include <cstddef>
#include <iterator>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/activation.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

#include "kernels/math-inl.h"
#include "kernels/vector_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels {
namespace HWY_NAMESPACE {
namespace {

// Each activation is a struct with two functions on vectors: value(z) = σ(z), and slope(z, a) =
// σ'(z) for a = σ(z). Both return NaN for NaN.

using FloatTag = hn::ScalableTag<float>;
using Floats = hn::Vec<FloatTag>;

/// 1 for z > 0, else `low`.
HWY_INLINE Floats ramp_slope(Floats z, Floats low) {
  const FloatTag d;
  const Floats zero = hn::Zero(d);
  const Floats slope = hn::IfThenElse(hn::Le(z, zero), low, z);  // keeps NaN
  return hn::IfThenElse(hn::Gt(z, zero), hn::Set(d, 1.0f), slope);
}

struct Relu {
  using Tag = FloatTag;

  static HWY_INLINE Floats value(Floats z) {
    // By comparison, as Max may lose a NaN.
    return hn::IfThenZeroElse(hn::Lt(z, hn::Zero(Tag())), z);
  }
  static HWY_INLINE Floats slope(Floats z, Floats /*a*/) { return ramp_slope(z, hn::Zero(Tag())); }
};

struct LeakyRelu {
  using Tag = FloatTag;

  static HWY_INLINE Floats low() { return hn::Set(Tag(), 0.01f); }
  static HWY_INLINE Floats value(Floats z) {
    return hn::IfThenElse(hn::Lt(z, hn::Zero(Tag())), hn::Mul(z, low()), z);
  }
  static HWY_INLINE Floats slope(Floats z, Floats /*a*/) { return ramp_slope(z, low()); }
};

struct Sigmoid {
  using Tag = FloatTag;

  static HWY_INLINE Floats value(Floats z) {
    const Tag d;
    // 1 / (1 + e^-z) or e^z / (1 + e^z), whichever has an exponential of at most 1.
    const Floats one = hn::Set(d, 1.0f);
    const Floats e = exp_of(d, hn::Neg(hn::Abs(z)));
    return hn::Div(hn::IfThenElse(hn::Lt(z, hn::Zero(d)), e, one), hn::Add(one, e));
  }
  static HWY_INLINE Floats slope(Floats /*z*/, Floats a) {
    return hn::Mul(a, hn::Sub(hn::Set(Tag(), 1.0f), a));
  }
};

struct Tanh {
  using Tag = FloatTag;

  static HWY_INLINE Floats value(Floats z) { return tanh_of(Tag(), z); }
  static HWY_INLINE Floats slope(Floats /*z*/, Floats a) {
    // Not 1 - a²: near a = ±1 the rounding error of a² would dominate the result.
    const Floats one = hn::Set(Tag(), 1.0f);
    return hn::Mul(hn::Sub(one, a), hn::Add(one, a));
  }
};

/// Computed in double and rounded once: in float, intermediate results would not have enough digits
/// for Φ(z) of negative z, a small number, and for e^(-z²/2).
struct Gelu {
  using DoubleTag = hn::ScalableTag<double>;
  using Doubles = hn::Vec<DoubleTag>;
  using Tag = hn::Rebind<float, DoubleTag>;
  using V = hn::Vec<Tag>;

  /// e^(-x²/2) = √2π · φ(x).
  static HWY_INLINE Doubles bell(Doubles x) {
    const DoubleTag d;
    return exp_of_negative(d, hn::Mul(hn::Mul(x, x), hn::Set(d, -0.5)));
  }

  /// Φ(-y) = e^(-y²/2) · t · P(t) for y >= 0, with t = 1 / (1 + y/3) and a polynomial P
  /// interpolated at Chebyshev nodes for y in [0, 15]; the relative error is at most 1.3e-9. Φ(y) =
  /// 1 - Φ(-y).
  static HWY_INLINE Doubles distribution(Doubles x, Doubles bell_of_x) {
    constexpr double kP[] = {
        1.844722229163e-02, -1.145595952474e-01, 2.871511920627e-01, -3.502505218635e-01,
        1.984306085926e-01, -8.398593916562e-02, 7.665827079859e-02, 8.332910871291e-02,
        1.188633890153e-01, 1.329340631864e-01,  1.329822019917e-01,
    };
    const DoubleTag d;
    const Doubles one = hn::Set(d, 1.0);
    const Doubles t = hn::Div(one, hn::MulAdd(hn::Abs(x), hn::Set(d, 1.0 / 3), one));
    Doubles p = hn::Set(d, kP[0]);
    for (std::size_t k = 1; k < std::size(kP); ++k) p = hn::MulAdd(p, t, hn::Set(d, kP[k]));
    p = hn::Mul(p, t);
    return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), hn::NegMulAdd(p, bell_of_x, one),
                          hn::Mul(p, bell_of_x));
  }

  static HWY_INLINE V value(V z) {
    const Doubles x = hn::PromoteTo(DoubleTag(), z);
    const V a = hn::DemoteTo(Tag(), hn::Mul(x, distribution(x, bell(x))));
    // Φ(z) = 1 for larger z. Without this, DemoteTo makes infinity finite on some targets.
    return hn::IfThenElse(hn::Gt(z, hn::Set(Tag(), 20.0f)), z, a);
  }
  static HWY_INLINE V slope(V z, V /*a*/) {
    constexpr double kInverseRootOfTwoPi = 0.3989422804014327;
    const Doubles x = hn::PromoteTo(DoubleTag(), z);
    const Doubles e = bell(x);
    const Doubles density = hn::Mul(e, hn::Set(DoubleTag(), kInverseRootOfTwoPi));
    return hn::DemoteTo(Tag(), hn::MulAdd(x, density, distribution(x, e)));
  }
};

template <class Function>
void forward_rows(ConstMatrix z, Matrix a) {
  for (std::size_t r = 0; r < z.rows; ++r) {
    const float* from = z.row(r);
    float* to = a.row(r);
    for_each_vector(typename Function::Tag(), z.columns, [=](auto lanes, std::size_t i) HWY_ATTR {
      lanes.store(Function::value(lanes.load(from + i)), to + i);
    });
  }
}

template <class Function>
void backward_rows(ConstMatrix z, ConstMatrix a, ConstMatrix delta_a, Matrix delta_z) {
  for (std::size_t r = 0; r < z.rows; ++r) {
    const float* z_row = z.row(r);
    const float* a_row = a.row(r);
    const float* from = delta_a.row(r);
    float* to = delta_z.row(r);
    for_each_vector(typename Function::Tag(), z.columns, [=](auto lanes, std::size_t i) HWY_ATTR {
      const auto slope = Function::slope(lanes.load(z_row + i), lanes.load(a_row + i));
      lanes.store(hn::Mul(lanes.load(from + i), slope), to + i);
    });
  }
}

void forward(Activation activation, ConstMatrix z, Matrix a) {
  switch (activation) {
    case Activation::kRelu:
      return forward_rows<Relu>(z, a);
    case Activation::kLeakyRelu:
      return forward_rows<LeakyRelu>(z, a);
    case Activation::kSigmoid:
      return forward_rows<Sigmoid>(z, a);
    case Activation::kTanh:
      return forward_rows<Tanh>(z, a);
    case Activation::kGelu:
      return forward_rows<Gelu>(z, a);
  }
}

void backward(Activation activation, ConstMatrix z, ConstMatrix a, ConstMatrix delta_a,
              Matrix delta_z) {
  switch (activation) {
    case Activation::kRelu:
      return backward_rows<Relu>(z, a, delta_a, delta_z);
    case Activation::kLeakyRelu:
      return backward_rows<LeakyRelu>(z, a, delta_a, delta_z);
    case Activation::kSigmoid:
      return backward_rows<Sigmoid>(z, a, delta_a, delta_z);
    case Activation::kTanh:
      return backward_rows<Tanh>(z, a, delta_a, delta_z);
    case Activation::kGelu:
      return backward_rows<Gelu>(z, a, delta_a, delta_z);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace mnist::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mnist::kernels {

HWY_EXPORT(forward);
HWY_EXPORT(backward);

void activation_forward(Activation activation, ConstMatrix z, Matrix a) {
  HWY_DASSERT(same_shape(z, a));
  HWY_DYNAMIC_DISPATCH(forward)(activation, z, a);
}

void activation_backward(Activation activation, ConstMatrix z, ConstMatrix a, ConstMatrix delta_a,
                         Matrix delta_z) {
  HWY_DASSERT(same_shape(z, a) && same_shape(a, delta_a) && same_shape(delta_a, delta_z));
  HWY_DYNAMIC_DISPATCH(backward)(activation, z, a, delta_a, delta_z);
}

}  // namespace mnist::kernels
#endif
