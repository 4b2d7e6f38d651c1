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
// What of B fits into the second-level cache; processors with few registers have less of that too.
constexpr std::size_t kGroupFloats = kHas32Registers ? 200'000 : 65'536;
constexpr std::size_t kMaxSlab = kHas32Registers ? 800 : 512;

/// A buffer of this thread for each use, kept from call to call.
enum class Use { kBlockOfA, kStripsOfB, kTransposedC };
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

std::size_t vectors_for(std::size_t columns) { return (columns + kLanes - 1) / kLanes; }

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

/// How a product is cut: into blocks of rows, these into slabs of k, and these into strips of
/// columns. `group` strips of B are at hand at once while the rows of A pass by.
struct Plan {
  Plan(Op op_a, ConstMatrix a, Op op_b, ConstMatrix b, Matrix c)
      : block(even_part(c.rows, 2048)),
        pack_a(c.columns >= 256 &&
               (a.stride >= kFarStride || (op_a == Op::kTransposed && a.rows >= 128))),
        pack_b(op_b == Op::kTransposed || c.columns < kLanes || block >= 192 ||
               (block >= 32 && b.stride >= kFarStride)),
        along_depth(pack_a || op_a == Op::kPlain),
        // What is not packed is to stay in the first-level cache, where it takes more than its
        // size.
        slab(even_part(depth_of(op_a, a), along_depth && pack_b ? kMaxSlab : 128)),
        // Groups let A and C be read and written in longer pieces, but packed they come from the
        // second-level cache, which few rows do not make good.
        group(along_depth && (!pack_b || block >= 256)
                  ? std::max<std::size_t>(1, kGroupFloats / (slab * kUsualVectors * kLanes))
                  : 1) {}

  std::size_t block;
  bool pack_a;
  bool pack_b;
  bool along_depth;  // A, as the tiles read it, has contiguous rows
  std::size_t slab;
  std::size_t group;
};

/// Points the strips to their rows of A, [rows × depth] under op_a.
void set_a(const Plan& plan, Op op_a, ConstMatrix a, Strips& s) {
  s.a = a.data;
  s.a_stride = a.stride;
  if (!plan.pack_a) return;
  s.a_stride = padded_stride(s.depth) + 16;  // never a power of two
  float* packed = buffer<Use::kBlockOfA>(s.rows * s.a_stride);
  s.a = packed;
  if (op_a == Op::kPlain) {
    for (std::size_t r = 0; r < s.rows; ++r) {
      std::copy_n(a.row(r), s.depth, packed + r * s.a_stride);
    }
  } else {
    transpose(a.data, a.stride, a.rows, a.columns, packed, s.a_stride);
  }
}

/// Points the strips to their columns of B, [depth × columns] under op_b.
void set_b(const Plan& plan, Op op_b, ConstMatrix b, Strips& s) {
  const std::size_t strip_columns = s.vectors * kLanes;
  if (!plan.pack_b) {
    s.b = b.data;
    s.b_stride = b.stride;
    s.b_last = s.c_last;
    s.b_step = strip_columns;
    return;
  }
  s.b_stride = strip_columns;
  s.b_last = strip_columns - kLanes;
  s.b_step = s.depth * strip_columns;
  float* packed = buffer<Use::kStripsOfB>(s.count * s.b_step);
  s.b = packed;
  if (op_b == Op::kPlain) {
    for (std::size_t k = 0; k < s.depth; ++k) {
      for (std::size_t i = 0; i < s.count; ++i) {
        copy_vectors(b.row(k) + i * strip_columns, s.vectors, s.c_last, s.width,
                     packed + i * s.b_step + k * s.b_stride);
      }
    }
  } else {
    for (std::size_t i = 0; i < s.count; ++i) {
      for (std::size_t v = 0; v < s.vectors; ++v) {
        const std::size_t row = i * strip_columns + (v + 1 < s.vectors ? v * kLanes : s.c_last);
        transpose_rows(b.row(row), b.stride, s.width, s.depth, packed + i * s.b_step + v * kLanes,
                       s.b_stride);
      }
    }
  }
}

/// C = op(A) · op(B) + start, where `start` is [m × n], or one row for all if start_stride is 0, or
/// nullptr. Sums over at least one k.
void multiply(Op op_a, ConstMatrix a, Op op_b, ConstMatrix b, const float* start,
              std::size_t start_stride, Matrix c) {
  const Plan plan(op_a, a, op_b, b, c);
  const std::size_t depth = depth_of(op_a, a);
  // The last strip is narrower or wider than the others, but a single vector only if alone: that
  // might be partial.
  const std::size_t vectors = vectors_for(c.columns);
  const std::size_t strips = vectors <= kMaxVectors ? 1 : (vectors - 2) / kUsualVectors + 1;
  Strips s;
  s.c_stride = c.stride;
  for (std::size_t row = 0; row < c.rows; row += s.rows) {
    s.rows = std::min(plan.block, c.rows - row);
    const ConstMatrix a_block = rows_of(op_a, a, row, row + s.rows);
    for (std::size_t k = 0; k < depth; k += s.depth) {
      s.depth = std::min(plan.slab, depth - k);
      set_a(plan, op_a, columns_of(op_a, a_block, k, k + s.depth), s);
      const ConstMatrix b_slab = rows_of(op_b, b, k, k + s.depth);
      for (std::size_t strip = 0; strip < strips; strip += s.count) {
        const bool last = strip + 1 == strips;
        s.count = last ? 1 : std::min(plan.group, strips - 1 - strip);
        s.vectors = last ? vectors - strip * kUsualVectors : kUsualVectors;
        const std::size_t column = strip * kUsualVectors * kLanes;
        const std::size_t end = last ? c.columns : column + s.count * s.vectors * kLanes;
        s.width = std::min(kLanes, end - column);
        s.c_last = last ? end - column - s.width : (s.vectors - 1) * kLanes;
        s.c = c.row(row) + column;
        if (k > 0) {
          s.start = s.c;
          s.start_stride = s.c_stride;
        } else {
          s.start = start == nullptr ? nullptr : start + row * start_stride + column;
          s.start_stride = start_stride;
        }
        set_b(plan, op_b, columns_of(op_b, b_slab, column, end), s);
        if (plan.along_depth) {
          run_strips<true>(s);
        } else {
          run_strips<false>(s);
        }
      }
    }
  }
}

/// The same product by way of C' = op(B)' · op(A)'.
void multiply_transposed(Op op_a, ConstMatrix a, Op op_b, ConstMatrix b, const float* bias,
                         Matrix c) {
  const std::size_t stride = padded_stride(c.rows);
  const Matrix transposed{buffer<Use::kTransposedC>(c.columns * stride), c.columns, c.rows, stride};
  for (std::size_t r = 0; r < c.columns; ++r) {
    std::fill_n(transposed.row(r), c.rows, bias == nullptr ? 0.0f : bias[r]);
  }
  multiply(flipped(op_b), b, flipped(op_a), a, transposed.data, stride, transposed);
  if (c.columns < kLanes) {
    for (std::size_t r = 0; r < c.rows; ++r) {
      for (std::size_t col = 0; col < c.columns; ++col) c.row(r)[col] = transposed.row(col)[r];
    }
    return;
  }
  for (std::size_t col = 0; col < c.columns; col += kLanes) {
    const std::size_t first = std::min(col, c.columns - kLanes);  // the last ones perhaps again
    transpose_rows(transposed.row(first), stride, kLanes, c.rows, c.data + first, c.stride);
  }
}

/// Whether it costs less to transpose A and C than B, which is stored transposed. In cycles of two
/// vectors of multiply-adds.
bool transposing_pays(std::size_t m, std::size_t k, std::size_t n) {
  constexpr double kTranspose = 5.0 / kLanes;  // of one element
  const auto product = [k](std::size_t rows, std::size_t columns) {
    return 0.5 * static_cast<double>(rows * vectors_for(columns) * k);
  };
  const double direct = product(m, n) + kTranspose * static_cast<double>(n * k);
  const double transposed = product(n, m) + kTranspose * static_cast<double>(m * k + m * n);
  return transposed < 0.95 * direct;
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
  if (op_a == Op::kPlain && op_b == Op::kTransposed && transposing_pays(c.rows, depth, c.columns)) {
    multiply_transposed(op_a, a, op_b, b, bias, c);
  } else if (op_a == Op::kTransposed && 0 < tail && tail <= kLanes / 4 && 0 < whole &&
             whole < 32 * kLanes && depth >= 32 && !Plan(op_a, a, op_b, b, c).pack_a) {
    // Columns too few for a vector: where C has not many more and A need not be packed, the waste
    // would show.
    multiply(op_a, a, op_b, columns_of(op_b, b, 0, whole), bias, 0, c.column_range(0, whole));
    multiply_transposed(op_a, a, op_b, columns_of(op_b, b, whole, c.columns),
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
