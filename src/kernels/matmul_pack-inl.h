// Packing: copies operands in the order in which the tiles of matmul_tile-inl.h read them.
//
// Included once per instruction set; see matmul.cpp.
#if defined(MNIST_KERNELS_MATMUL_PACK_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MNIST_KERNELS_MATMUL_PACK_INL_H
#undef MNIST_KERNELS_MATMUL_PACK_INL_H
#else
#define MNIST_KERNELS_MATMUL_PACK_INL_H
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>

#include "kernels/matmul_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels::HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR
/// A vector whose j-th block of four lanes is from row 4 j.
template <std::size_t kSize>
HWY_INLINE auto load_blocks(const float* from, const std::size_t* row_offset) {
  const hn::CappedTag<float, kSize> d;
  if constexpr (kSize == 4) {
    return hn::LoadU(d, from + row_offset[0]);
  } else {
    return hn::Combine(d, load_blocks<kSize / 2>(from, row_offset + kSize / 2),
                       load_blocks<kSize / 2>(from, row_offset));
  }
}

/// Transposes four columns of kLanes rows into four vectors.
HWY_INLINE void transpose_four(const float* from, const std::size_t* row_offset, float* to,
                               std::size_t to_stride) {
  const Floats d;
  const Vector row0 = load_blocks<kLanes>(from, row_offset);
  const Vector row1 = load_blocks<kLanes>(from, row_offset + 1);
  const Vector row2 = load_blocks<kLanes>(from, row_offset + 2);
  const Vector row3 = load_blocks<kLanes>(from, row_offset + 3);
  const Vector even_lower = hn::InterleaveLower(d, row0, row2);
  const Vector even_upper = hn::InterleaveUpper(d, row0, row2);
  const Vector odd_lower = hn::InterleaveLower(d, row1, row3);
  const Vector odd_upper = hn::InterleaveUpper(d, row1, row3);
  hn::StoreU(hn::InterleaveLower(d, even_lower, odd_lower), d, to);
  hn::StoreU(hn::InterleaveUpper(d, even_lower, odd_lower), d, to + to_stride);
  hn::StoreU(hn::InterleaveLower(d, even_upper, odd_upper), d, to + 2 * to_stride);
  hn::StoreU(hn::InterleaveUpper(d, even_upper, odd_upper), d, to + 3 * to_stride);
}
#endif

/// to[c * to_stride + r] = from[r * stride + c] for r < rows <= kLanes and c < columns. Writes
/// whole vectors; the lanes from `rows` on repeat the last row.
inline void transpose_rows(const float* from, std::size_t stride, std::size_t rows,
                           std::size_t columns, float* to, std::size_t to_stride) {
  std::size_t row_offset[kLanes];
  for (std::size_t r = 0; r < kLanes; ++r) row_offset[r] = std::min(r, rows - 1) * stride;
  std::size_t c = 0;
#if HWY_TARGET != HWY_SCALAR
  if (columns >= 4) {
    for (; c + 4 <= columns; c += 4) {
      transpose_four(from + c, row_offset, to + c * to_stride, to_stride);
    }
    if (c < columns) {  // the last four columns again, overlapping those before
      c = columns - 4;
      transpose_four(from + c, row_offset, to + c * to_stride, to_stride);
      c = columns;
    }
  }
#endif
  for (; c < columns; ++c) {
    for (std::size_t r = 0; r < kLanes; ++r) to[c * to_stride + r] = from[row_offset[r] + c];
  }
}

/// Copies consecutive vectors, except that the last one starts at `last` and has `width` lanes.
/// Writes whole vectors, one after another.
HWY_INLINE void copy_vectors(const float* from, std::size_t vectors, std::size_t last,
                             std::size_t width, float* to) {
  const Floats d;
  for (std::size_t v = 0; v + 1 < vectors; ++v, to += kLanes) {
    hn::StoreU(hn::LoadU(d, from + v * kLanes), d, to);
  }
  hn::StoreU(width == kLanes ? hn::LoadU(d, from + last) : load_first(width, from + last), d, to);
}

/// Transposes `from` [rows × columns] into `to`.
inline void transpose(const float* from, std::size_t stride, std::size_t rows, std::size_t columns,
                      float* to, std::size_t to_stride) {
  for (std::size_t r = 0; r < rows; r += kLanes) {
    transpose_rows(from + r * stride, stride, std::min(kLanes, rows - r), columns, to + r,
                   to_stride);
  }
}

}  // namespace mnist::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
