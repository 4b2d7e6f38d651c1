// The matrix product for an A with many zeros: the sums of matmul_tile-inl.h without the terms that
// are zero. Each row of A needs different rows of B, so each multiply-add has a load: at best one
// per cycle, while a tile reaches the processor's peak.
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
#include <span>
#include <type_traits>
#include <vector>

#include "base/aligned_vector.h"
#include "kernels/matmul_tile-inl.h"
#include "kernels/matrix.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels::HWY_NAMESPACE {

// The depth of a piece: a mask has a bit for each k, and this many rows of a strip of B fit the L1
// cache beside the streamed data.
constexpr std::size_t kPieceDepth = 64;
/// Vectors side by side in a strip: with one row at a time, enough independent sums to hide the
/// latency of a multiply-add.
constexpr std::size_t kSparseVectors = kHas32Registers ? 6 : 8;

/// The index of the lowest set bit of a nonzero mask.
inline std::size_t first_bit(std::uint64_t mask) {
  return static_cast<std::size_t>(std::countr_zero(mask));
}

/// The nonzero elements of A [rows × depth]: for each piece of k and each row, a mask with a bit
/// per element, and the elements whose bits are set.
class Nonzeros {
 public:
  void find(ConstMatrix a) {
    rows_ = a.rows;
    const std::size_t pieces = (a.columns + kPieceDepth - 1) / kPieceDepth;
    masks_.resize(rows_ * pieces);
    begins_.resize(rows_ * pieces);
    const std::size_t most = a.rows * a.columns + kLanes;  // append_nonzeros() writes whole vectors
    if (elements_.size() < most) elements_.resize(most);
    float* next = elements_.data();
    std::size_t i = 0;
    for (std::size_t k = 0; k < a.columns; k += kPieceDepth) {
      const std::size_t n = std::min(kPieceDepth, a.columns - k);
      for (std::size_t r = 0; r < rows_; ++r, ++i) {
        begins_[i] = next;
        masks_[i] = append_nonzeros(a.row(r) + k, n, next);
      }
    }
    count_ = static_cast<std::size_t>(next - elements_.data());
  }

  std::size_t count() const { return count_; }
  /// For the piece that begins at k: the masks of the rows from `row` on, and their first element.
  const std::uint64_t* masks(std::size_t row, std::size_t k) const {
    return masks_.data() + k / kPieceDepth * rows_ + row;
  }
  const float* elements(std::size_t row, std::size_t k) const {
    return begins_[k / kPieceDepth * rows_ + row];
  }

 private:
  /// Writes the nonzero elements of a[0, n) to `next` and advances it. Returns their mask.
  static std::uint64_t append_nonzeros(const float* a, std::size_t n, float*& next) {
    const Floats d;
    std::uint64_t mask = 0;
    for (std::size_t i = 0; i < n; i += kLanes) {
      const Vector v = n - i < kLanes ? load_first(n - i, a + i) : hn::LoadU(d, a + i);
      const auto nonzero = hn::Ne(v, hn::Zero(d));
      std::uint8_t bits[8];
      hn::StoreMaskBits(d, nonzero, bits);
      std::conditional_t<(kLanes > 8), std::uint16_t, std::uint8_t> part;
      std::memcpy(&part, bits, sizeof part);
      mask |= std::uint64_t{part} << i;
      if constexpr (kIsAvx512) {  // other targets emulate Compress with a table
        hn::StoreU(hn::Compress(v, nonzero), d, next);
        next += std::popcount(part);
      }
    }
    if constexpr (!kIsAvx512) {
      for (std::uint64_t left = mask; left != 0; left &= left - 1) *next++ = a[first_bit(left)];
    }
    return mask;
  }

  std::size_t rows_ = 0;
  std::size_t count_ = 0;
  std::vector<std::uint64_t> masks_;  // [pieces × rows]
  std::vector<const float*> begins_;  // [pieces × rows]
  AlignedVector<float> elements_;
};

/// Forced inline, because compilers remove calls of a function that only prefetches.
HWY_INLINE void fetch_row(std::span<const ConstMatrix> matrices, std::size_t r) {
  for (const ConstMatrix& m : matrices) {
    for (std::size_t i = 0; i < m.columns; i += kFloatsPerLine) hwy::Prefetch(m.row(r) + i);
  }
}

/// C = start + A · B for a single strip and a packed piece of B. A is given by the masks of its
/// rows and its nonzero elements. Reads and writes whole vectors of C, also of a partial strip.
template <std::size_t kVectors>
HWY_NOINLINE void sparse_rows(const Strips& s, const std::uint64_t* masks, const float* element) {
  const Floats d;
  constexpr std::size_t kColumns = kVectors * kLanes;
  const std::size_t c_last = s.c_last;
  const auto offset = [c_last](std::size_t v) { return v + 1 < kVectors ? v * kLanes : c_last; };
  const float* b = s.b;
  const float* start = s.start.data;
  float* c = s.c;
  const std::size_t start_stride = s.start.stride;
  const std::size_t c_stride = s.c_stride;
  const std::size_t rows = s.rows;
  const std::size_t rows_ahead = s.ahead.empty() ? 0 : s.ahead[0].rows;
  for (std::size_t r = 0; r < rows; ++r, c += c_stride) {
    if (r < rows_ahead) fetch_row(s.ahead, r);
    Vector sums[kVectors];
    if (start == nullptr) {
      HWY_UNROLL(9) for (std::size_t v = 0; v < kVectors; ++v) sums[v] = hn::Zero(d);
    } else {
      HWY_UNROLL(9) for (std::size_t v = 0; v < kVectors; ++v) {
        sums[v] = hn::LoadU(d, start + offset(v));
      }
      start += start_stride;
    }
    std::uint64_t left = masks[r];
    const auto add = [&](Vector a) HWY_ATTR {
      const float* row = b + first_bit(left) * kColumns;
      left &= left - 1;
      HWY_UNROLL(9) for (std::size_t v = 0; v < kVectors; ++v) {
        sums[v] = hn::MulAdd(a, hn::LoadU(d, row + v * kLanes), sums[v]);
      }
    };
    int n = std::popcount(left);
    if constexpr (kLanes >= 4) {  // one load for four elements, since loads are the bottleneck
      for (; n >= 4; n -= 4, element += 4) {
        const Vector four = hn::LoadDup128(d, element);
        add(hn::Broadcast<0>(four));
        add(hn::Broadcast<1>(four));
        add(hn::Broadcast<2>(four));
        add(hn::Broadcast<3>(four));
      }
    }
    for (; n > 0; --n) add(hn::Set(d, *element++));
    HWY_UNROLL(9) for (std::size_t v = 0; v < kVectors; ++v) hn::StoreU(sums[v], d, c + offset(v));
  }
}

template <std::size_t kVectors = kSparseVectors + 1>
void run_sparse_rows(const Strips& s, const std::uint64_t* masks, const float* element) {
  if constexpr (kVectors > 1) {
    if (s.vectors < kVectors) return run_sparse_rows<kVectors - 1>(s, masks, element);
  }
  sparse_rows<kVectors>(s, masks, element);
}

}  // namespace mnist::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
