// Walks arrays of floats a vector at a time. The last, partial vector reads and writes no float
// past the end, and gives the same bits as the same floats would in a whole vector.
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

// Whether masked operations leave the memory of masked-out floats alone. AVX2 counts as one that
// may fault because of its 8 and 16 bit lanes; its 32 bit lanes have instructions of their own.
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

/// As many floats as a vector of D holds.
template <class D>
struct WholeVector {
  using V = hn::Vec<D>;
  D d;

  HWY_INLINE V load(const float* from) const { return hn::LoadU(d, from); }
  HWY_INLINE void store(V v, float* to) const { hn::StoreU(v, d, to); }
  /// v, with `fill` in the lanes that lie past the end: here none.
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

/// Calls body(lanes, i) for i = 0, N, 2N, ... below n, where lanes is a WholeVector of the N floats
/// from i on or, at the end, a PartialVector. The body is a lambda marked HWY_ATTR.
template <class D, class Body>
HWY_INLINE void for_each_vector(D d, std::size_t n, Body body) {
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) body(WholeVector<D>{d}, i);
  if (i < n) body(PartialVector<D>{d, n - i}, i);
}

/// The same for each row of a matrix; i counts from its first float.
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
