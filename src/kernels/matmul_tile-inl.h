// The innermost part of the matrix product: a tile of a few rows times a few vectors of C, held in
// registers while k runs. Every element is one chain of fused multiply-adds over ascending k.
//
// Included once per instruction set; see matmul.cpp.
#if defined(MNIST_KERNELS_MATMUL_TILE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MNIST_KERNELS_MATMUL_TILE_INL_H
#undef MNIST_KERNELS_MATMUL_TILE_INL_H
#else
#define MNIST_KERNELS_MATMUL_TILE_INL_H
#endif

#include <hwy/highway.h>

#include <bit>
#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Vector = hn::Vec<Floats>;
constexpr std::size_t kLanes = hn::MaxLanes(Floats());

constexpr bool kHas32Registers =
    HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL || HWY_ARCH_ARM_A64 != 0;
constexpr std::size_t kMaxVectors = kHas32Registers ? 4 : 2;

/// The most rows of a tile: its sums, one row of B and one element of A fill the registers.
constexpr std::size_t max_rows(std::size_t vectors) {
  constexpr std::size_t kRows[] = {0, 16, 14, 9, 6};
  return kHas32Registers ? kRows[vectors] : 12 / vectors;
}

/// A strip of C: all its rows, and 1 to kMaxVectors vectors of neighbouring columns. The vectors
/// follow each other but for the last, which may lie partly over the one before it, so that it
/// always ends with the strip: both then hold the same sums. Only a strip narrower than one vector
/// is partial.
struct Strip {
  std::size_t rows;
  std::size_t depth;  // of this slab of k
  const float* a;     // [rows × depth], or [depth × rows] for run_strip<.., false>
  std::size_t a_stride;
  const float* b;  // [depth × vectors]
  std::size_t b_stride;
  std::size_t b_last;        // where the last vector of a row starts
  const float* start;        // [rows × columns]: the sums so far; nullptr means zeros
  std::size_t start_stride;  // 0 if all rows start alike
  float* c;                  // [rows × columns]
  std::size_t c_stride;
  std::size_t c_last;  // as b_last, in `start` and `c`
  std::size_t width;   // columns, if less than one vector; else kLanes
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

/// Rows [row, row + kRows) of the strip. kAlongDepth: rows of A are contiguous, else columns are.
template <std::size_t kRows, std::size_t kVectors, bool kAlongDepth>
HWY_INLINE void tile(const Strip& s, std::size_t row) {
  const Floats d;
  Vector sums[kRows][kVectors];
  HWY_UNROLL(16) for (std::size_t r = 0; r < kRows; ++r) {
    HWY_UNROLL(4) for (std::size_t v = 0; v < kVectors; ++v) {
      if (s.start == nullptr) {
        sums[r][v] = hn::Zero(d);
      } else {
        const float* from = s.start + (row + r) * s.start_stride;
        sums[r][v] = kVectors == 1
                         ? load_first(s.width, from)
                         : hn::LoadU(d, from + (v + 1 < kVectors ? v * kLanes : s.c_last));
      }
    }
  }
  const float* HWY_RESTRICT a = kAlongDepth ? s.a + row * s.a_stride : s.a + row;
  const float* HWY_RESTRICT b = s.b;
  const std::size_t a_stride = s.a_stride;
  const std::size_t b_stride = s.b_stride;
  const std::size_t b_last = s.b_last;
  for (std::size_t k = s.depth; k != 0; --k) {
    Vector b_row[kVectors];
    HWY_UNROLL(4) for (std::size_t v = 0; v < kVectors; ++v) {
      b_row[v] = hn::LoadU(d, b + (v + 1 < kVectors ? v * kLanes : b_last));
    }
    HWY_UNROLL(16) for (std::size_t r = 0; r < kRows; ++r) {
      const Vector a_element = hn::Set(d, kAlongDepth ? a[r * a_stride] : a[r]);
      HWY_UNROLL(4) for (std::size_t v = 0; v < kVectors; ++v) {
        sums[r][v] = hn::MulAdd(a_element, b_row[v], sums[r][v]);
      }
    }
    a += kAlongDepth ? 1 : a_stride;
    b += b_stride;
  }
  HWY_UNROLL(16) for (std::size_t r = 0; r < kRows; ++r) {
    float* to = s.c + (row + r) * s.c_stride;
    HWY_UNROLL(4) for (std::size_t v = 0; v < kVectors; ++v) {
      if constexpr (kVectors == 1) {
        store_first(s.width, sums[r][v], to);
      } else {
        hn::StoreU(sums[r][v], d, to + (v + 1 < kVectors ? v * kLanes : s.c_last));
      }
    }
  }
}

/// Tiles of kRows rows while they fit, then smaller ones.
template <std::size_t kRows, std::size_t kVectors, bool kAlongDepth>
HWY_INLINE void run_rows(const Strip& s, std::size_t row) {
  for (; row + kRows <= s.rows; row += kRows) tile<kRows, kVectors, kAlongDepth>(s, row);
  if constexpr (kRows > 1) {
    if (row < s.rows) run_rows<std::bit_floor(kRows - 1), kVectors, kAlongDepth>(s, row);
  }
}

template <bool kAlongDepth, std::size_t kVectors = kMaxVectors>
void run_strip(const Strip& s, std::size_t vectors) {
  if constexpr (kVectors > 1) {
    if (vectors < kVectors) return run_strip<kAlongDepth, kVectors - 1>(s, vectors);
  }
  run_rows<max_rows(kVectors), kVectors, kAlongDepth>(s, 0);
}

}  // namespace mnist::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
