// The matrix product where many elements of A are zero: the chains of matmul_tile-inl.h without the
// links that add zero. A row of A needs its own rows of B, so that each multiply-add loads what it
// multiplies: at best one a cycle, where a tile reaches the processor's peak.
//
// Included once per instruction set; see matmul.cpp.
#if defined(MNIST_KERNELS_MATMUL_SPARSE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MNIST_KERNELS_MATMUL_SPARSE_INL_H
#undef MNIST_KERNELS_MATMUL_SPARSE_INL_H
#else
#define MNIST_KERNELS_MATMUL_SPARSE_INL_H
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "kernels/matmul_tile-inl.h"
#include "kernels/matrix.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels::HWY_NAMESPACE {

// A bit each of a mask; and so many rows of the strips of B that are used at once fit the
// first-level cache, beside what passes by.
constexpr std::size_t kPieceDepth = 64;
// Strips whose sums the registers hold, enough of them to hide a multiply-add's latency.
constexpr std::size_t kSparseStrips = kHas32Registers ? 2 : 4;

// A's rows are fetched so far ahead: a piece of one is too short for the processor to foresee the
// next.
constexpr std::size_t kRowsAhead = 4;

/// Which elements of A [rows × depth] are not zero: for each row and piece of k a bit per element.
class Nonzeros {
 public:
  void find(ConstMatrix a) {
    rows_ = a.rows;
    masks_.resize(rows_ * ((a.columns + kPieceDepth - 1) / kPieceDepth));
    count_ = 0;
    std::uint64_t* next = masks_.data();
    for (std::size_t k = 0; k < a.columns; k += kPieceDepth) {
      const std::size_t n = std::min(kPieceDepth, a.columns - k);
      for (std::size_t r = 0; r < rows_; ++r) {
        const std::uint64_t mask = nonzero_bits(a.row(r) + k, n);
        *next++ = mask;
        count_ += static_cast<std::size_t>(std::popcount(mask));
      }
    }
  }

  std::size_t count() const { return count_; }
  /// The masks of the rows from `row` on, of the piece that begins at k.
  const std::uint64_t* masks(std::size_t row, std::size_t k) const {
    return masks_.data() + k / kPieceDepth * rows_ + row;
  }

 private:
  static std::uint64_t nonzero_bits(const float* a, std::size_t n) {
    const Floats d;
    std::uint64_t mask = 0;
    for (std::size_t i = 0; i < n; i += kLanes) {
      const Vector v = n - i < kLanes ? load_first(n - i, a + i) : hn::LoadU(d, a + i);
      std::uint8_t bits[8] = {};
      hn::StoreMaskBits(d, hn::Ne(v, hn::Zero(d)), bits);
      std::uint64_t part;
      std::memcpy(&part, bits, sizeof part);
      mask |= part << i;
    }
    return mask;
  }

  std::size_t rows_ = 0;
  std::size_t count_ = 0;
  std::vector<std::uint64_t> masks_;  // [pieces × rows]
};

/// Where in the matrix that was searched the strips' A begins; k is a multiple of kPieceDepth.
struct Origin {
  std::size_t row = 0;
  std::size_t k = 0;
};

/// A row of kStrips neighbouring strips: c = start + the elements of a under `mask` times the rows
/// of b.
template <std::size_t kStrips, std::size_t kVectors>
HWY_INLINE void sparse_row(const Strips& s, const float* a, std::uint64_t mask, const float* b,
                           const float* start, float* c) {
  const Floats d;
  constexpr std::size_t kColumns = kVectors * kLanes;
  const std::size_t c_last = s.c_last;
  const std::size_t b_step = s.b_step;
  const auto column = [c_last](std::size_t i, std::size_t v) {
    return i * kColumns + (v + 1 < kVectors ? v * kLanes : c_last);
  };
  Vector sums[kStrips][kVectors];
  HWY_UNROLL(4) for (std::size_t i = 0; i < kStrips; ++i) {
    HWY_UNROLL(4) for (std::size_t v = 0; v < kVectors; ++v) {
      sums[i][v] = start == nullptr ? hn::Zero(d) : hn::LoadU(d, start + column(i, v));
    }
  }
  for (; mask != 0; mask &= mask - 1) {
    const auto k = static_cast<std::size_t>(std::countr_zero(mask));
    const Vector value = hn::Set(d, a[k]);
    const float* row = b + k * kColumns;
    HWY_UNROLL(4) for (std::size_t i = 0; i < kStrips; ++i) {
      HWY_UNROLL(4) for (std::size_t v = 0; v < kVectors; ++v) {
        sums[i][v] = hn::MulAdd(value, hn::LoadU(d, row + i * b_step + v * kLanes), sums[i][v]);
      }
    }
  }
  HWY_UNROLL(4) for (std::size_t i = 0; i < kStrips; ++i) {
    HWY_UNROLL(4) for (std::size_t v = 0; v < kVectors; ++v) {
      hn::StoreU(sums[i][v], d, c + column(i, v));
    }
  }
}

/// All rows of kStrips neighbouring strips.
template <std::size_t kStrips, std::size_t kVectors>
HWY_NOINLINE void sparse_rows(const Strips& s, const Nonzeros& nonzeros, Origin origin,
                              std::size_t strip) {
  const std::size_t column = strip * kVectors * kLanes;
  for (std::size_t k = 0; k < s.depth; k += kPieceDepth) {
    const std::uint64_t* masks = nonzeros.masks(origin.row, origin.k + k);
    const float* a = s.a + k;
    const float* b = s.b + strip * s.b_step + k * s.b_stride;
    const float* from = k > 0 ? s.c : s.start;
    const std::size_t from_stride = k > 0 ? s.c_stride : s.start_stride;
    for (std::size_t r = 0; r < s.rows; ++r) {
      for (std::size_t f = 0; k == 0 && f < s.fetches; ++f) {
        const float* line = s.fetch[f] + s.fetch_offset + r * s.c_stride + column;
        for (std::size_t v = 0; v < kStrips * kVectors; ++v) hwy::Prefetch(line + v * kLanes);
      }
      for (std::size_t i = 0; i < kPieceDepth; i += kFloatsPerLine) {
        hwy::Prefetch(a + (r + kRowsAhead) * s.a_stride + i);
      }
      sparse_row<kStrips, kVectors>(s, a + r * s.a_stride, masks[r], b,
                                    from == nullptr ? nullptr : from + r * from_stride + column,
                                    s.c + r * s.c_stride + column);
    }
  }
}

/// As many strips at once as are left.
template <std::size_t kStrips, std::size_t kVectors>
HWY_INLINE void run_sparse_rows(const Strips& s, const Nonzeros& nonzeros, Origin origin,
                                std::size_t strip) {
  for (; strip + kStrips <= s.count; strip += kStrips) {
    sparse_rows<kStrips, kVectors>(s, nonzeros, origin, strip);
  }
  if constexpr (kStrips > 1) run_sparse_rows<kStrips / 2, kVectors>(s, nonzeros, origin, strip);
}

/// C = start + A · B, without what is zero in A. B is packed, and no strip partial.
template <std::size_t kVectors = kMaxVectors>
void run_sparse_strips(const Strips& s, const Nonzeros& nonzeros, Origin origin) {
  if constexpr (kVectors > 1) {
    if (s.vectors < kVectors) return run_sparse_strips<kVectors - 1>(s, nonzeros, origin);
  }
  run_sparse_rows<kSparseStrips, kVectors>(s, nonzeros, origin, 0);
}

}  // namespace mnist::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
