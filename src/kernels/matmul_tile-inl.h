// The micro-kernel of the matrix product: a tile of C, a few rows times a few vectors, stays in
// registers during the loop over k. Each element is summed by fused multiply-adds over ascending k.
//
// Included once per instruction set; see matmul.cpp.
#if defined(MNIST_KERNELS_MATMUL_TILE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MNIST_KERNELS_MATMUL_TILE_INL_H
#undef MNIST_KERNELS_MATMUL_TILE_INL_H
#else
#define MNIST_KERNELS_MATMUL_TILE_INL_H
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <span>

#include "kernels/matrix.h"
#include "kernels/vector_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Vector = hn::Vec<Floats>;
constexpr std::size_t kLanes = hn::MaxLanes(Floats());

/// Vectors side by side in a tile: the usual number, and one more for the last columns.
constexpr std::size_t kUsualVectors = kHas32Registers ? 3 : 2;
constexpr std::size_t kMaxVectors = kUsualVectors + 1;

/// The rows of the largest tile: its sums, a row of B and an element of A just fit the registers.
constexpr std::size_t max_rows(std::size_t vectors) {
  constexpr std::size_t k32[] = {16, 14, 9, 6};
  constexpr std::size_t k16[] = {12, 6, 4};
  return kHas32Registers ? k32[vectors - 1] : k16[vectors - 1];
}

/// The initial values of sums: a matrix of C's shape, one row for all rows (stride 0), or zero.
struct Start {
  const float* data = nullptr;  // nullptr: zero
  std::size_t stride = 0;

  /// The initial values for the part of C that begins at (row, column).
  Start at(std::size_t row, std::size_t column) const {
    return data == nullptr ? Start() : Start{data + row * stride + column, stride};
  }
};

/// Strips of C side by side; each has all rows and 1 to kMaxVectors vectors of columns. The vectors
/// of a strip are consecutive, except the last one: it ends where the strip ends, so it may overlap
/// the one before, and both compute the same sums. Only a strip narrower than one vector is
/// partial, and a partial strip is always alone.
struct Strips {
  std::size_t rows;
  std::size_t count;
  std::size_t vectors;  // per strip
  std::size_t width;    // columns of a strip's last vector: kLanes unless the strip is partial
  std::size_t depth;    // the number of k to sum over

  const float* a;  // [rows × depth], or [depth × rows] if not kAlongDepth
  std::size_t a_stride;

  const float* b;  // [depth × columns], whole vectors
  std::size_t b_stride;
  std::size_t b_last;  // offset of the last vector in a row of a strip
  std::size_t b_step;  // distance between strips

  Start start;  // [rows × columns], the initial values of the sums

  float* c;  // [rows × columns]
  std::size_t c_stride;
  std::size_t c_last;  // like b_last, for `start` and `c`

  // Matrices with equal numbers of rows: row r is prefetched while row r of C is computed.
  std::span<const ConstMatrix> ahead{};
};

HWY_INLINE Vector load_first(std::size_t n, const float* p) {
  const Floats d;
#if HWY_MEM_OPS_MIGHT_FAULT
  if (n == kLanes) return hn::LoadU(d, p);
  HWY_ALIGN float lanes[kLanes] = {};
  for (std::size_t i = 0; i < n; ++i) lanes[i] = p[i];
  return hn::Load(d, lanes);
#else
  return hn::MaskedLoad(hn::FirstN(d, n), d, p);
#endif
}

HWY_INLINE void store_first(std::size_t n, Vector v, float* p) {
  const Floats d;
#if HWY_MEM_OPS_MIGHT_FAULT
  if (n == kLanes) return hn::StoreU(v, d, p);
  HWY_ALIGN float lanes[kLanes];
  hn::Store(v, d, lanes);
  for (std::size_t i = 0; i < n; ++i) p[i] = lanes[i];
#else
  hn::BlendedStore(v, hn::FirstN(d, n), d, p);
#endif
}

/// Computes rows [row, row + kRows) of one strip. kAlongDepth: rows of A are contiguous, else
/// columns.
template <std::size_t kRows, std::size_t kVectors, bool kAlongDepth>
HWY_INLINE void tile(const Strips& s, std::size_t row, std::size_t strip) {
  const Floats d;
  const std::size_t column = strip * kVectors * kLanes;
  Vector sums[kRows][kVectors];
  const float* from = s.start.at(row, column).data;
  HWY_UNROLL(16) for (std::size_t r = 0; r < kRows; ++r, from += s.start.stride) {
    HWY_UNROLL(4) for (std::size_t v = 0; v < kVectors; ++v) {
      if (from == nullptr) {
        sums[r][v] = hn::Zero(d);
      } else if constexpr (kVectors == 1) {
        sums[r][v] = load_first(s.width, from);
      } else {
        sums[r][v] = hn::LoadU(d, from + (v + 1 < kVectors ? v * kLanes : s.c_last));
      }
    }
  }

  // One pointer for three rows: address modes reach offsets of 1 and 2 strides, which saves
  // registers.
  constexpr std::size_t kPointers = kAlongDepth ? (kRows + 2) / 3 : 1;
  const std::size_t a_stride = s.a_stride;
  const float* a[kPointers];
  HWY_UNROLL(6) for (std::size_t p = 0; p < kPointers; ++p) {
    a[p] = kAlongDepth ? s.a + (row + 3 * p) * a_stride : s.a + row;
  }
  const float* b = s.b + strip * s.b_step;
  const std::size_t b_stride = s.b_stride;
  const std::size_t b_last = s.b_last;
  // Spread the prefetches evenly over the depth: many at once would stall the sums.
  const std::size_t fetched_rows = kRows * s.ahead.size();
  const std::size_t chunk = fetched_rows == 0 ? s.depth : s.depth / fetched_rows + 1;
  for (std::size_t left = s.depth, fetched = 0; left != 0;) {
    const std::size_t n = std::min(chunk, left);
    left -= n;
    for (std::size_t k = n; k != 0; --k) {
      Vector b_row[kVectors];
      HWY_UNROLL(4) for (std::size_t v = 0; v < kVectors; ++v) {
        b_row[v] = hn::LoadU(d, b + (v + 1 < kVectors ? v * kLanes : b_last));
      }
      HWY_UNROLL(16) for (std::size_t r = 0; r < kRows; ++r) {
        const Vector a_element = hn::Set(d, kAlongDepth ? a[r / 3][r % 3 * a_stride] : a[0][r]);
        HWY_UNROLL(4) for (std::size_t v = 0; v < kVectors; ++v) {
          sums[r][v] = hn::MulAdd(a_element, b_row[v], sums[r][v]);
        }
      }
      HWY_UNROLL(6) for (std::size_t p = 0; p < kPointers; ++p) a[p] += kAlongDepth ? 1 : a_stride;
      b += b_stride;
    }
    if (fetched < fetched_rows) {
      const float* line = s.ahead[fetched / kRows].row(row + fetched % kRows) + column;
      for (std::size_t v = 0; v < kVectors; ++v) hwy::Prefetch(line + v * kLanes);
      ++fetched;
    }
  }

  float* to = s.c + row * s.c_stride + column;
  HWY_UNROLL(16) for (std::size_t r = 0; r < kRows; ++r, to += s.c_stride) {
    HWY_UNROLL(4) for (std::size_t v = 0; v < kVectors; ++v) {
      if constexpr (kVectors == 1) {
        store_first(s.width, sums[r][v], to);
      } else {
        hn::StoreU(sums[r][v], d, to + (v + 1 < kVectors ? v * kLanes : s.c_last));
      }
    }
  }
}

/// Runs tiles of kRows rows while they fit, then smaller ones.
template <std::size_t kRows, std::size_t kVectors, bool kAlongDepth>
HWY_INLINE void run_rows(const Strips& s, std::size_t row) {
  for (; row + kRows <= s.rows; row += kRows) {
    for (std::size_t strip = 0; strip < s.count; ++strip) {
      tile<kRows, kVectors, kAlongDepth>(s, row, strip);
    }
  }
  if constexpr (kRows > 1) {
    if (row < s.rows) run_rows<std::bit_floor(kRows - 1), kVectors, kAlongDepth>(s, row);
  }
}

/// C = start + A · B.
template <bool kAlongDepth, std::size_t kVectors = kMaxVectors>
void run_strips(const Strips& s) {
  if constexpr (kVectors > 1) {
    if (s.vectors < kVectors) return run_strips<kAlongDepth, kVectors - 1>(s);
  }
  run_rows<max_rows(kVectors), kVectors, kAlongDepth>(s, 0);
}

}  // namespace mnist::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
