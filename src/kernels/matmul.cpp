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

// Floats from which one row to the next is so far that reading down a column of tiles costs address
// translations, and at powers of two collides in the cache: such operands are best packed.
constexpr std::size_t kFarStride = 1024;

/// A buffer of this thread for each use, kept from call to call.
enum class Use { kBlockOfA, kStripOfB, kTail };
template <Use kUse>
float* buffer(std::size_t size) {
  thread_local AlignedVector<float> floats;
  if (floats.size() < size) floats.resize(size);
  return floats.data();
}

/// `total` cut into even parts of at most `most`: the size of a part.
std::size_t even_part(std::size_t total, std::size_t most) {
  if (total <= most) return total;
  const std::size_t parts = (total + most - 1) / most;
  return (total + parts - 1) / parts;
}

constexpr Op flipped(Op op) { return op == Op::kPlain ? Op::kTransposed : Op::kPlain; }

/// Columns [begin, end) of op(x).
ConstMatrix columns_of(Op op, ConstMatrix x, std::size_t begin, std::size_t end) {
  return op == Op::kPlain ? x.column_range(begin, end) : x.row_range(begin, end);
}

/// Rows [begin, end) of op(x).
ConstMatrix rows_of(Op op, ConstMatrix x, std::size_t begin, std::size_t end) {
  return columns_of(flipped(op), x, begin, end);
}

std::size_t depth_of(Op op_a, ConstMatrix a) { return op_a == Op::kPlain ? a.columns : a.rows; }

/// How a product is cut. One slab of k of one block of rows is taken at a time, so that A stays in
/// the second-level cache while the strips of C pass by, each with its strip of B in the first.
struct Plan {
  Plan(Op op_a, ConstMatrix a, Op op_b, ConstMatrix b, Matrix c)
      : block(even_part(c.rows, 512)),
        pack_a(c.columns >= 256 &&
               (a.stride >= kFarStride || (op_a == Op::kTransposed && a.rows >= 128))),
        pack_b(op_b == Op::kTransposed || c.columns < kLanes || block >= 192 ||
               (block >= 32 && b.stride >= kFarStride)),
        along_depth(pack_a || op_a == Op::kPlain),
        // What is not packed needs more of the cache.
        slab(even_part(depth_of(op_a, a), pack_b && along_depth ? 512 : 128)) {}

  std::size_t block;
  bool pack_a;
  bool pack_b;
  bool along_depth;
  std::size_t slab;
};

/// Points the strip to its rows of A, [rows × depth] under op_a.
void set_a(const Plan& plan, Op op_a, ConstMatrix a, Strip& s) {
  s.a = a.data;
  s.a_stride = a.stride;
  if (plan.pack_a) {
    s.a_stride = padded_stride(s.depth) + 16;  // never a power of two
    float* packed = buffer<Use::kBlockOfA>(s.rows * s.a_stride);
    if (op_a == Op::kPlain) {
      for (std::size_t r = 0; r < s.rows; ++r) {
        std::copy_n(a.row(r), s.depth, packed + r * s.a_stride);
      }
    } else {
      transpose(a.data, a.stride, a.rows, a.columns, packed, s.a_stride);
    }
    s.a = packed;
  }
}

/// Points the strip to its columns of B, [depth × columns] under op_b.
void set_b(const Plan& plan, Op op_b, ConstMatrix b, std::size_t vectors, Strip& s) {
  if (!plan.pack_b) {
    s.b = b.data;
    s.b_stride = b.stride;
    s.b_last = s.c_last;
    return;
  }
  s.b_stride = vectors * kLanes;
  s.b_last = s.b_stride - kLanes;
  float* packed = buffer<Use::kStripOfB>(s.depth * s.b_stride);
  s.b = packed;
  if (op_b == Op::kPlain) {
    copy_strip(b.data, b.stride, s.depth, vectors, s.c_last, s.width, packed);
    return;
  }
  for (std::size_t v = 0; v < vectors; ++v) {
    const std::size_t row = v + 1 < vectors ? v * kLanes : s.c_last;
    transpose_rows(b.row(row), b.stride, s.width, s.depth, packed + v * kLanes, s.b_stride);
  }
}

/// C = op(A) · op(B) + start, where `start` is [m × n], or one row for all if start_stride is 0, or
/// nullptr. Sums over at least one k.
void multiply(Op op_a, ConstMatrix a, Op op_b, ConstMatrix b, const float* start,
              std::size_t start_stride, Matrix c) {
  const Plan plan(op_a, a, op_b, b, c);
  const std::size_t depth = depth_of(op_a, a);
  Strip s;
  s.c_stride = c.stride;
  for (std::size_t row = 0; row < c.rows; row += s.rows) {
    s.rows = std::min(plan.block, c.rows - row);
    const ConstMatrix a_block = rows_of(op_a, a, row, row + s.rows);
    for (std::size_t k = 0; k < depth; k += s.depth) {
      s.depth = std::min(plan.slab, depth - k);
      set_a(plan, op_a, columns_of(op_a, a_block, k, k + s.depth), s);
      const ConstMatrix b_slab = rows_of(op_b, b, k, k + s.depth);
      std::size_t vectors_left = (c.columns + kLanes - 1) / kLanes;
      for (std::size_t column = 0; column < c.columns;) {
        // Never a last strip of one vector after others, as that might be partial.
        const std::size_t vectors =
            vectors_left == kMaxVectors ? kMaxVectors : std::min(kUsualVectors, vectors_left);
        const std::size_t end = std::min(column + vectors * kLanes, c.columns);
        s.width = std::min(kLanes, end - column);
        s.c = c.row(row) + column;
        s.c_last = end - column - s.width;
        s.start = s.c;
        s.start_stride = s.c_stride;
        if (k == 0) {
          s.start = start == nullptr ? nullptr : start + row * start_stride + column;
          s.start_stride = start_stride;
        }
        set_b(plan, op_b, columns_of(op_b, b_slab, column, end), vectors, s);
        if (plan.along_depth) {
          run_strip<true>(s, vectors);
        } else {
          run_strip<false>(s, vectors);
        }
        column = end;
        vectors_left -= vectors;
      }
    }
  }
}

/// C = A' · op(B) + bias for an A stored transposed and a C of few columns: its transpose, op(B)' ·
/// A, has whole vectors.
void multiply_narrow(ConstMatrix a, Op op_b, ConstMatrix b, const float* bias, Matrix c) {
  const std::size_t stride = padded_stride(c.rows);
  const Matrix transposed{buffer<Use::kTail>(c.columns * stride), c.columns, c.rows, stride};
  for (std::size_t r = 0; r < c.columns; ++r) {
    std::fill_n(transposed.row(r), c.rows, bias == nullptr ? 0.0f : bias[r]);
  }
  multiply(flipped(op_b), b, Op::kPlain, a, transposed.data, stride, transposed);
  for (std::size_t r = 0; r < c.rows; ++r) {
    for (std::size_t col = 0; col < c.columns; ++col) c.row(r)[col] = transposed.row(col)[r];
  }
}

void matmul_on_target(Op op_a, ConstMatrix a, Op op_b, ConstMatrix b, const float* bias, Matrix c) {
  if (c.empty()) return;
  const std::size_t depth = depth_of(op_a, a);
  if (depth == 0) {
    for (std::size_t r = 0; r < c.rows; ++r) {
      for (std::size_t col = 0; col < c.columns; ++col)
        c.row(r)[col] = bias == nullptr ? 0 : bias[col];
    }
    return;
  }
  const std::size_t tail = c.columns % kLanes;
  const std::size_t whole = c.columns - tail;
  // A vector for few columns is a waste that shows where C has few vectors and A is used as it
  // lies.
  if (op_a == Op::kTransposed && 0 < tail && tail <= kLanes / 4 && 0 < whole &&
      whole < 32 * kLanes && depth >= 32 && !Plan(op_a, a, op_b, b, c).pack_a) {
    multiply(op_a, a, op_b, columns_of(op_b, b, 0, whole), bias, 0, c.column_range(0, whole));
    multiply_narrow(a, op_b, columns_of(op_b, b, whole, c.columns),
                    bias == nullptr ? nullptr : bias + whole, c.column_range(whole, c.columns));
  } else {
    multiply(op_a, a, op_b, b, bias, 0, c);
  }
}

}  // namespace
}  // namespace mnist::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mnist::kernels {

HWY_EXPORT(matmul_on_target);

void matmul(Op op_a, ConstMatrix a, Op op_b, ConstMatrix b, const float* bias, Matrix c) {
  HWY_DYNAMIC_DISPATCH(matmul_on_target)(op_a, a, op_b, b, bias, c);
}

}  // namespace mnist::kernels
#endif
