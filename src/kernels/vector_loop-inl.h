// Loops over arrays of floats by vectors. The last, partial vector does not read or write past the
// end, and gives the same bits as a whole vector.
#if defined(MNIST_KERNELS_VECTOR_LOOP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MNIST_KERNELS_VECTOR_LOOP_INL_H_
#undef MNIST_KERNELS_VECTOR_LOOP_INL_H_
#else
#define MNIST_KERNELS_VECTOR_LOOP_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>

#include "kernels/matrix.h"

// Whether masked operations do not access masked-out floats. Highway says that AVX2 may fault, but
// this concerns 8 and 16 bit lanes only; 32 bit lanes have true masked instructions.
#undef MNIST_MASKED_FLOATS_ARE_SAFE
#if HWY_MEM_OPS_MIGHT_FAULT && HWY_TARGET != HWY_AVX2
#define MNIST_MASKED_FLOATS_ARE_SAFE 0
#else
#define MNIST_MASKED_FLOATS_ARE_SAFE 1
#endif

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr bool kIsAvx512 = HWY_TARGET <= HWY_AVX3;  // better targets have lower numbers
constexpr bool kHas32Registers = kIsAvx512 || HWY_ARCH_ARM_A64 != 0;

/// A whole vector of D.
template <class D>
struct WholeVector {
  using V = hn::Vec<D>;
  D d;

  HWY_INLINE V load(const float* from) const { return hn::LoadU(d, from); }
  HWY_INLINE void store(V v, float* to) const { hn::StoreU(v, d, to); }
  /// v with `fill` in the lanes past the end; here there are none.
  HWY_INLINE V fill_up(V v, V /*fill*/) const { return v; }
};

/// The first `count` floats of a vector of D.
template <class D>
struct PartialVector {
  using V = hn::Vec<D>;
  D d;
  std::size_t count;

  /// Lanes past the end are 0.
  HWY_INLINE V load(const float* from) const {
#if MNIST_MASKED_FLOATS_ARE_SAFE
    return hn::MaskedLoad(hn::FirstN(d, count), d, from);
#else
    HWY_ALIGN float lanes[hn::MaxLanes(D())] = {};
    std::copy_n(from, count, lanes);
    return hn::Load(d, lanes);
#endif
  }
  HWY_INLINE void store(V v, float* to) const {
#if MNIST_MASKED_FLOATS_ARE_SAFE
    hn::BlendedStore(v, hn::FirstN(d, count), d, to);
#else
    HWY_ALIGN float lanes[hn::MaxLanes(D())];
    hn::Store(v, d, lanes);
    std::copy_n(lanes, count, to);
#endif
  }
  HWY_INLINE V fill_up(V v, V fill) const { return hn::IfThenElse(hn::FirstN(d, count), v, fill); }
};

/// Calls body(lanes, i) for i = 0, N, 2N, ... below n, where N is the number of lanes. `lanes` is a
/// WholeVector or, at the end, a PartialVector. The body is a lambda with HWY_ATTR.
template <class D, class Body>
HWY_INLINE void for_each_vector(D d, std::size_t n, Body body) {
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) body(WholeVector<D>{d}, i);
  if (i < n) body(PartialVector<D>{d, n - i}, i);
}

/// The same for each row of a matrix; i is an index from the first float of the matrix.
template <class D, class Body>
HWY_INLINE void for_each_vector(D d, const Extent& extent, Body body) {
  if (extent.columns == extent.stride) return for_each_vector(d, extent.rows * extent.stride, body);
  for (std::size_t row = 0; row < extent.rows; ++row) {
    const std::size_t begin = row * extent.stride;
    for_each_vector(d, extent.columns,
                    [&](auto lanes, std::size_t i) HWY_ATTR { body(lanes, begin + i); });
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace mnist::kernels
HWY_AFTER_NAMESPACE();

#endif
