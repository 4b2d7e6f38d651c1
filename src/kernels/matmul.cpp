#include "kernels/matmul.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/matmul.cpp"
// A tile is an array of vectors, so their size must be known when compiling.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>

#include "base/aligned_vector.h"
#include "kernels/matmul_pack-inl.h"
#include "kernels/matmul_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels::HWY_NAMESPACE {
namespace {

// Blocks of the operands that stay in the caches: a slab of B of this depth (L1 with its strip of
// columns), and of A with so many rows (L2).
constexpr std::size_t kMaxDepth = 256;
constexpr std::size_t kMaxRows = 512;
// From so many rows of C, or so much depth, on, copying an operand into the order in which it is
// read pays.
constexpr std::size_t kPackRows = 128;
constexpr std::size_t kPackDepth = 128;

float* grown(AlignedVector<float>& buffer, std::size_t size) {
  if (buffer.size() < size) buffer.resize(size);
  return buffer.data();
}

/// `total` cut into equal parts of at most `most`: the size of a part.
std::size_t part(std::size_t total, std::size_t most) {
  const std::size_t parts = (total + most - 1) / most;
  return parts <= 1 ? total : (total + parts - 1) / parts;
}

void multiply(Op op_a, ConstMatrix a, Op op_b, ConstMatrix b, const float* bias, Matrix c) {
  if (c.empty()) return;
  thread_local AlignedVector<float> a_buffer;
  thread_local AlignedVector<float> b_buffer;
  const std::size_t depth = op_a == Op::kPlain ? a.columns : a.rows;
  const std::size_t slab = part(depth, kMaxDepth);
  const std::size_t block = part(c.rows, kMaxRows);
  const bool pack_b = op_b == Op::kTransposed || block >= kPackRows || c.columns < kLanes;
  const bool pack_a = op_a == Op::kTransposed && slab >= kPackDepth;
  const bool along_depth = pack_a || op_a == Op::kPlain;
  for (std::size_t row = 0; row < c.rows; row += block) {
    Strip s;
    s.rows = std::min(block, c.rows - row);
    std::size_t k = 0;
    do {
      s.depth = std::min(slab, depth - k);
      if (pack_a) {
        s.a_stride = padded_stride(slab) + 16;
        float* buffer = grown(a_buffer, s.rows * s.a_stride);
        transpose(a.row(k) + row, a.stride, s.depth, s.rows, buffer, s.a_stride);
        s.a = buffer;
      } else {
        s.a_stride = a.stride;
        s.a = op_a == Op::kPlain ? a.row(row) + k : a.row(k) + row;
      }
      std::size_t vectors_left = (c.columns + kLanes - 1) / kLanes;
      for (std::size_t column = 0; column < c.columns;) {
        // No strip after the first is a single vector, as that might be partial.
        const std::size_t vectors =
            vectors_left == kMaxVectors + 1 ? kMaxVectors - 1 : std::min(kMaxVectors, vectors_left);
        const std::size_t columns = std::min(vectors * kLanes, c.columns - column);
        s.width = std::min(kLanes, columns);
        s.c = c.row(row) + column;
        s.c_stride = c.stride;
        s.c_last = columns - s.width;
        if (k > 0) {
          s.start = s.c;
          s.start_stride = s.c_stride;
        } else {
          s.start = bias == nullptr ? nullptr : bias + column;
          s.start_stride = 0;
        }
        if (pack_b) {
          s.b_stride = vectors * kLanes;
          s.b_last = s.b_stride - kLanes;
          float* buffer = grown(b_buffer, std::max<std::size_t>(1, s.depth) * s.b_stride);
          s.b = buffer;
          for (std::size_t v = 0; v < vectors; ++v) {
            const std::size_t from = column + (v + 1 < vectors ? v * kLanes : s.c_last);
            float* to = buffer + v * kLanes;
            if (op_b == Op::kTransposed) {
              transpose_rows(b.row(from) + k, b.stride, s.width, s.depth, to, s.b_stride);
            } else {
              for (std::size_t r = 0; r < s.depth; ++r) {
                hn::Store(load_first(s.width, b.row(k + r) + from), Floats(), to + r * s.b_stride);
              }
            }
          }
        } else {
          s.b = b.row(k) + column;
          s.b_stride = b.stride;
          s.b_last = s.c_last;
        }
        if (along_depth) {
          run_strip<true>(s, vectors);
        } else {
          run_strip<false>(s, vectors);
        }
        column += columns;
        vectors_left -= vectors;
      }
      k += s.depth;
    } while (k < depth);
  }
}

}  // namespace
}  // namespace mnist::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mnist::kernels {

HWY_EXPORT(multiply);

void matmul(Op op_a, ConstMatrix a, Op op_b, ConstMatrix b, const float* bias, Matrix c) {
  HWY_DYNAMIC_DISPATCH(multiply)(op_a, a, op_b, b, bias, c);
}

}  // namespace mnist::kernels
#endif
