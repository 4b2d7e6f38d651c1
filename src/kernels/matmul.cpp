#include "kernels/matmul.h"

#include "kernels/fixed_vectors.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/matmul.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include "base/aligned_vector.h"
#include "kernels/matmul_pack-inl.h"
#include "kernels/matmul_sparse-inl.h"
#include "kernels/matmul_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels::HWY_NAMESPACE {
namespace {

// From this stride (in floats) on, reading down a column of tiles causes TLB misses and, at powers
// of two, cache conflicts: pack such operands.
constexpr std::size_t kFarStride = 1024;
// The floats of B that fit the L2 cache beside the streamed rows of A and C.
constexpr std::size_t kGroupFloats = kHas32Registers ? 100'000 : 65'536;
// The largest depth of a slab. A short slab leaves space for A in the L1 cache; a transposed B is
// faster to read in longer pieces.
constexpr std::size_t kMaxSlab = kHas32Registers ? 256 : 512;
constexpr std::size_t kMaxTransposedSlab = kHas32Registers ? 800 : 512;

/// A buffer of this thread for each use, reused between calls.
enum class Use { kBlockOfA, kStripsOfB, kTransposedC, kBlockOfC };
template <Use kUse>
float* buffer(std::size_t size) {
  thread_local AlignedVector<float> floats;
  if (floats.size() < size) floats.resize(size);
  return floats.data();
}

/// The size of a part if `total` is divided into equal parts of at most `most`.
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

// Skipping zeros pays if at most this share of A is nonzero, and if there are enough columns (and
// depth) to make up for finding the nonzeros.
constexpr double kMaxNonzeroShare = 0.7;
constexpr std::size_t kMinSparseColumns = 96;

/// The nonzero elements of a [rows × depth], valid until this thread's next call; nullptr if a
/// product with this number of columns should multiply all elements.
const Nonzeros* sparse_elements(ConstMatrix a, std::size_t columns) {
  thread_local Nonzeros nonzeros;
  if (columns < kMinSparseColumns || a.columns < kPieceDepth) return nullptr;
  nonzeros.find(a);
  const auto all = static_cast<double>(a.rows * a.columns);
  return static_cast<double>(nonzeros.count()) <= kMaxNonzeroShare * all ? &nonzeros : nullptr;
}

/// The blocking of a product (as in GotoBLAS): blocks of rows, divided into slabs of k, divided
/// into strips of columns. `group` strips of B are kept in the cache while the rows of A stream by.
struct Plan {
  Plan(Op op_a, ConstMatrix a, Op op_b, ConstMatrix b, Matrix c)
      : block(even_part(c.rows, 2048)),
        pack_b(op_b == Op::kTransposed || c.columns < kLanes || block >= 192 ||
               (block >= 32 && b.stride >= kFarStride)),
        pack_a(c.columns >= 256 &&
               (a.stride >= kFarStride || (op_a == Op::kTransposed && a.rows >= 128))),
        along_depth(pack_a || op_a == Op::kPlain),
        // An operand that is not packed should stay in the L1 cache, where its stride makes it take
        // more than its size.
        slab(even_part(depth_of(op_a, a), !along_depth || !pack_b   ? 128
                                          : op_b == Op::kTransposed ? kMaxTransposedSlab
                                                                    : kMaxSlab)),
        // Groups make the accesses to A, B and C longer.
        group(along_depth ? std::max<std::size_t>(1, kGroupFloats / (slab * kUsualVectors * kLanes))
                          : 1) {}

  std::size_t block;
  bool pack_b;
  bool pack_a;
  bool along_depth;  // whether the A that the tiles read has contiguous rows
  std::size_t slab;
  std::size_t group;
};

/// Sets the strips' rows of A, [rows × depth] under op_a, packed if the plan says so.
void set_a(const Plan& plan, Op op_a, ConstMatrix a, Strips& s) {
  s.a = a.data;
  s.a_stride = a.stride;
  if (!plan.pack_a) return;
  s.a_stride = padded_stride(s.depth) + 16;  // never a power of two, to avoid cache conflicts
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

/// Chooses the strips of C that start at column `begin`, at most `group` of them, usually with
/// `vectors` vectors each. Returns the column where they end. The last strip takes the remaining
/// columns and may be narrower or wider. It has a single vector only if it is the only strip,
/// because a partial vector is allowed only then.
std::size_t choose_strips(std::size_t columns, std::size_t begin, std::size_t vectors,
                          std::size_t group, Strips& s) {
  const std::size_t left = columns - begin;
  const std::size_t usual = vectors * kLanes;
  const std::size_t over = left % usual;
  const std::size_t whole = left / usual - (left >= usual && 0 < over && over <= kLanes);
  const bool last = whole == 0;
  s.count = last ? 1 : std::min(group, whole);
  s.vectors = last ? vectors_for(left) : vectors;
  const std::size_t end = last ? columns : begin + s.count * usual;
  s.width = std::min(kLanes, end - begin);
  s.c_last = last ? end - begin - s.width : (s.vectors - 1) * kLanes;
  return end;
}

/// Packs the strips' columns of B, [depth × columns] under op_b. Returns the end of the packed
/// data.
float* pack_b(Op op_b, ConstMatrix b, float* packed, Strips& s) {
  const std::size_t strip_columns = s.vectors * kLanes;
  s.b_stride = strip_columns;
  s.b_last = strip_columns - kLanes;
  s.b_step = s.depth * strip_columns;
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
  return packed + s.count * s.b_step;
}

/// Sets the strips' columns of B, [depth × columns] under op_b, packed if the plan says so.
void set_b(const Plan& plan, Op op_b, ConstMatrix b, Strips& s) {
  if (plan.pack_b) {
    const std::size_t columns = s.count * s.vectors * kLanes;
    pack_b(op_b, b, buffer<Use::kStripsOfB>(s.depth * columns), s);
    return;
  }
  s.b = b.data;
  s.b_stride = b.stride;
  s.b_last = s.c_last;
  s.b_step = s.vectors * kLanes;
}

/// C = A · op(B) + start, like multiply() below, skipping the zeros of A.
void multiply_nonzeros(const Nonzeros& a, Op op_b, ConstMatrix b, Start start, Matrix c,
                       std::size_t block) {
  const std::size_t depth = depth_of(flipped(op_b), b);
  Strips s;
  s.c_stride = c.stride;
  for (std::size_t row = 0; row < c.rows; row += s.rows) {
    s.rows = std::min(block, c.rows - row);
    for (std::size_t column = 0, end = 0; column < c.columns; column = end) {
      end = choose_strips(c.columns, column, kSparseVectors, 1, s);
      s.c = c.row(row) + column;
      s.start = start.at(row, column);
      const ConstMatrix strip = columns_of(op_b, b, column, end);
      const ConstMatrix next_strip =
          columns_of(op_b, b, end, std::min(end + (end - column), c.columns));
      for (std::size_t k = 0; k < depth; k += s.depth) {
        s.depth = std::min(kPieceDepth, depth - k);
        pack_b(op_b, rows_of(op_b, strip, k, k + s.depth),
               buffer<Use::kStripsOfB>(kPieceDepth * s.vectors * kLanes), s);
        const std::size_t next = k + s.depth < depth ? k + s.depth : 0;
        const ConstMatrix ahead =
            rows_of(op_b, next > 0 ? strip : next_strip, next, std::min(next + kPieceDepth, depth));
        s.ahead = {&ahead, 1};
        run_sparse_rows(s, a.masks(row, k), a.elements(row, k));
        s.start = {s.c, s.c_stride};
      }
    }
  }
}

/// C = op(A) · op(B) + start; the depth is at least 1.
void multiply(Op op_a, ConstMatrix a, Op op_b, ConstMatrix b, Start start, Matrix c) {
  const Plan plan(op_a, a, op_b, b, c);
  if (op_a == Op::kPlain && plan.pack_b) {
    if (const Nonzeros* nonzeros = sparse_elements(a, c.columns)) {
      return multiply_nonzeros(*nonzeros, op_b, b, start, c, plan.block);
    }
  }
  const std::size_t depth = depth_of(op_a, a);
  Strips s;
  s.c_stride = c.stride;
  for (std::size_t row = 0; row < c.rows; row += s.rows) {
    s.rows = std::min(plan.block, c.rows - row);
    const ConstMatrix a_block = rows_of(op_a, a, row, row + s.rows);
    for (std::size_t k = 0; k < depth; k += s.depth) {
      s.depth = std::min(plan.slab, depth - k);
      set_a(plan, op_a, columns_of(op_a, a_block, k, k + s.depth), s);
      const ConstMatrix b_slab = rows_of(op_b, b, k, k + s.depth);
      for (std::size_t column = 0, end = 0; column < c.columns; column = end) {
        end = choose_strips(c.columns, column, kUsualVectors, plan.group, s);
        s.c = c.row(row) + column;
        s.start = k > 0 ? Start{s.c, s.c_stride} : start.at(row, column);
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

/// The same product, computed as C' = op(B)' · op(A)'.
void multiply_transposed(Op op_a, ConstMatrix a, Op op_b, ConstMatrix b, Start start, Matrix c) {
  const std::size_t stride = padded_stride(c.rows);
  const Matrix transposed{buffer<Use::kTransposedC>(c.columns * stride), c.columns, c.rows, stride};
  for (std::size_t r = 0; r < c.columns; ++r) {
    float* sums = transposed.row(r);
    if (start.stride == 0) {
      std::fill_n(sums, c.rows, start.data == nullptr ? 0.0F : start.data[r]);
    } else {
      for (std::size_t i = 0; i < c.rows; ++i) sums[i] = start.data[i * start.stride + r];
    }
  }
  multiply(flipped(op_b), b, flipped(op_a), a, {transposed.data, stride}, transposed);
  if (c.columns < kLanes) {
    for (std::size_t r = 0; r < c.rows; ++r) {
      for (std::size_t col = 0; col < c.columns; ++col) c.row(r)[col] = transposed.row(col)[r];
    }
    return;
  }
  for (std::size_t col = 0; col < c.columns; col += kLanes) {
    const std::size_t first = std::min(col, c.columns - kLanes);  // the last may overlap others
    transpose_rows(transposed.row(first), stride, kLanes, c.rows, c.data + first, c.stride);
  }
}

/// Whether transposing A and C costs less than transposing B, which is stored transposed. Costs are
/// in cycles, with two vector multiply-adds per cycle.
bool transposing_pays(std::size_t m, std::size_t k, std::size_t n) {
  constexpr double kTranspose = 5.0 / kLanes;  // per element
  const auto product = [k](std::size_t rows, std::size_t columns) {
    return 0.5 * static_cast<double>(rows * vectors_for(columns) * k);
  };
  const double direct = product(m, n) + kTranspose * static_cast<double>(n * k);
  const double transposed = product(n, m) + kTranspose * static_cast<double>(m * k + m * n);
  return transposed < 0.95 * direct;
}

void multiply_best(Op op_a, ConstMatrix a, Op op_b, ConstMatrix b, Start start, Matrix c) {
  if (c.empty()) return;
  const std::size_t depth = depth_of(op_a, a);
  if (depth == 0) {
    for (std::size_t r = 0; r < c.rows; ++r) {
      for (std::size_t col = 0; col < c.columns; ++col) {
        c.row(r)[col] = start.data == nullptr ? 0 : start.data[r * start.stride + col];
      }
    }
    return;
  }
  const std::size_t tail = c.columns % kLanes;
  const std::size_t whole = c.columns - tail;
  if (op_a == Op::kPlain && op_b == Op::kTransposed && transposing_pays(c.rows, depth, c.columns)) {
    multiply_transposed(op_a, a, op_b, b, start, c);
  } else if (op_a == Op::kTransposed && 0 < tail && tail <= kLanes / 4 && 0 < whole &&
             whole < 32 * kLanes && depth >= 32 && !Plan(op_a, a, op_b, b, c).pack_a) {
    // The last columns fill only a small part of a vector. If C is narrow and A is not packed, the
    // waste matters, so compute them separately.
    multiply(op_a, a, op_b, columns_of(op_b, b, 0, whole), start, c.column_range(0, whole));
    multiply_transposed(op_a, a, op_b, columns_of(op_b, b, whole, c.columns), start.at(0, whole),
                        c.column_range(whole, c.columns));
  } else {
    multiply(op_a, a, op_b, b, start, c);
  }
}

void matmul_on_target(Op op_a, ConstMatrix a, Op op_b, ConstMatrix b, const float* bias, Matrix c) {
  multiply_best(op_a, a, op_b, b, {bias, 0}, c);
}

// A C of at most this many floats is a single block.
constexpr std::size_t kSingleBlock = 1 << 16;
// Otherwise a block fits the L2 cache together with its strips of B and the data that the sink
// uses.
constexpr std::size_t kBlockRows = 72;
constexpr std::size_t kBlockColumns = 240;
// For a greater depth, a strip of B does not fit the L2 cache; then blocks have kDeepBlockRows
// rows, so that packing B pays.
constexpr std::size_t kMaxBlockDepth = 2048;
constexpr std::size_t kDeepBlockRows = 256;
// The floats of A that are transposed at once.
constexpr std::size_t kTransposedA = 1 << 21;

/// C = Aᵀ · B + start, in blocks of whole rows.
void multiply_in_rows(ConstMatrix a, ConstMatrix b, Start start, std::size_t stride,
                      const BlockSink& sink) {
  const std::size_t most = std::max(kSingleBlock / stride, kDeepBlockRows);
  float* c = buffer<Use::kBlockOfC>(std::min(most, a.columns) * stride);
  for (std::size_t row = 0; row < a.columns; row += most) {
    const Matrix block{c, std::min(most, a.columns - row), b.columns, stride};
    multiply_best(Op::kTransposed, a.column_range(row, row + block.rows), Op::kPlain, b,
                  start.at(row, 0), block);
    sink(row, 0, block);
  }
}

/// Computes the strips of a block: C = A · B + start. A is `s.a` or, if given, the rows of
/// `nonzeros` from `row` on.
void multiply_strips(Strips s, const Nonzeros* nonzeros, std::size_t row) {
  const std::size_t depth = s.depth;
  const std::size_t most = nonzeros == nullptr ? even_part(depth, 2 * kMaxSlab) : kPieceDepth;
  for (std::size_t k = 0; k < depth; k += s.depth) {
    s.depth = std::min(most, depth - k);
    if (nonzeros == nullptr) {
      run_strips<true>(s);
    } else {
      run_sparse_rows(s, nonzeros->masks(row, k), nonzeros->elements(row, k));
    }
    s.a += s.depth;
    s.b += s.depth * s.b_stride;
    s.start = {s.c, s.c_stride};
    s.ahead = {};
  }
}

/// Computes rows [first, first + a.rows) of C = A · B + start, in blocks.
void multiply_in_blocks(ConstMatrix a, ConstMatrix b, std::size_t first, Start start,
                        std::size_t stride, std::span<const float* const> companions,
                        const BlockSink& sink) {
  const std::size_t depth = a.columns;
  const Nonzeros* nonzeros = sparse_elements(a, b.columns);
  const std::size_t vectors = nonzeros == nullptr ? kUsualVectors : kSparseVectors;
  const std::size_t unit = std::lcm(vectors * kLanes, kFloatsPerLine);
  const std::size_t columns =
      std::max(unit, std::min(kBlockColumns, kGroupFloats / depth) / unit * unit);
  float* c = buffer<Use::kBlockOfC>(kBlockRows * stride);
  std::vector<Strips> parts;
  std::vector<ConstMatrix> ahead;
  for (std::size_t column = 0; column < b.columns; column += columns) {
    const std::size_t width = std::min(columns, b.columns - column);
    float* packed = buffer<Use::kStripsOfB>(depth * (width + kLanes));
    parts.clear();
    for (std::size_t begin = 0, end = 0; begin < width; begin = end) {
      Strips s;
      end = choose_strips(width, begin, vectors, nonzeros == nullptr ? width : 1, s);
      s.depth = depth;
      packed = pack_b(Op::kPlain, b.column_range(column + begin, column + end), packed, s);
      s.a_stride = a.stride;
      s.c = c + begin;
      s.c_stride = stride;
      parts.push_back(s);
    }
    for (std::size_t row = 0; row < a.rows; row += kBlockRows) {
      const Matrix block{c, std::min(kBlockRows, a.rows - row), width, stride};
      for (Strips s : parts) {
        s.rows = block.rows;
        s.a = a.row(row);
        const std::size_t strip_column = column + static_cast<std::size_t>(s.c - c);
        const std::size_t offset = (first + row) * stride + strip_column;
        s.start = start.at(first + row, strip_column);
        ahead.clear();
        for (const float* array : companions) {
          ahead.emplace_back(array + offset, block.rows, s.count * s.vectors * kLanes, stride);
        }
        s.ahead = ahead;
        multiply_strips(s, nonzeros, row);
      }
      sink(first + row, column, block);
    }
  }
}

void matmul_in_blocks_on_target(ConstMatrix a, ConstMatrix b, const float* initial,
                                std::size_t stride, std::span<const float* const> companions,
                                const BlockSink& sink) {
  const Start start = initial == nullptr ? Start() : Start{initial, stride};
  const std::size_t depth = a.rows;
  const std::size_t rows = a.columns;
  if (b.columns == 0) return;
  if (rows * stride <= kSingleBlock || depth == 0 || depth > kMaxBlockDepth) {
    return multiply_in_rows(a, b, start, stride, sink);
  }
  const std::size_t at_once = even_part(rows, kTransposedA / depth);
  const std::size_t a_stride = padded_stride(depth) + 16;
  float* transposed = buffer<Use::kBlockOfA>(at_once * a_stride);
  for (std::size_t first = 0; first < rows; first += at_once) {
    const std::size_t end = std::min(rows, first + at_once);
    transpose(a.data + first, a.stride, depth, end - first, transposed, a_stride);
    multiply_in_blocks({transposed, end - first, depth, a_stride}, b, first, start, stride,
                       companions, sink);
  }
}

}  // namespace
}  // namespace mnist::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mnist::kernels {

HWY_EXPORT(matmul_on_target);
HWY_EXPORT(matmul_in_blocks_on_target);

void matmul(Op op_a, ConstMatrix a, Op op_b, ConstMatrix b, const float* bias, Matrix c) {
  HWY_DASSERT((op_a == Op::kPlain ? a.rows : a.columns) == c.rows);
  HWY_DASSERT((op_b == Op::kPlain ? b.columns : b.rows) == c.columns);
  HWY_DASSERT((op_a == Op::kPlain ? a.columns : a.rows) ==
              (op_b == Op::kPlain ? b.rows : b.columns));
  HWY_DYNAMIC_DISPATCH(matmul_on_target)(op_a, a, op_b, b, bias, c);
}

void matmul_in_blocks(ConstMatrix a, ConstMatrix b, const float* start, std::size_t stride,
                      std::span<const float* const> companions, const BlockSink& sink) {
  HWY_DASSERT(a.rows == b.rows && b.columns <= stride);
  HWY_DYNAMIC_DISPATCH(matmul_in_blocks_on_target)(a, b, start, stride, companions, sink);
}

}  // namespace mnist::kernels
#endif
