// Dense matrix products, with packing and register tiles (micro-kernels) as in GotoBLAS (Goto and
// van de Geijn, "Anatomy of high-performance matrix multiplication", 2008). Each element is summed
// over k in ascending order by fused multiply-adds, so its bits do not depend on blocking or
// threads.
//
// After a ReLU half of the activations and deltas are zero, in trained networks nine of ten. If
// enough elements of A are zero, the product skips them; adding zero changes no bit while B is
// finite.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "kernels/matrix.h"

namespace mnist::kernels {

enum class Op { kPlain, kTransposed };

/// C [m × n] = op(A) [m × k] · op(B) [k × n] + bias. Each sum starts with its element of `bias`
/// [n]; nullptr means 0. C must not overlap A, B or bias. Runs on the calling thread; for several
/// threads, give each a range of rows or columns of C and of the operand.
void matmul(Op op_a, ConstMatrix a, Op op_b, ConstMatrix b, const float* bias, Matrix c);

/// Receives a block of a matrix; its first element is at (row, column) of the matrix.
using BlockSink = std::function<void(std::size_t row, std::size_t column, Matrix block)>;

/// C [m × n] = Aᵀ · B + start, for A [k × m] and B [k × n]. C is not stored as a whole: `sink`
/// receives it in blocks while they are in the cache, each element once. Rows of a block are
/// `stride` apart; its columns begin at multiples of kFloatsPerLine, and the sink may overwrite the
/// padding up to the next multiple. `start` and `companions` are arrays of C's shape with the same
/// stride. Sums start with the elements of `start`, or with 0 if it is nullptr. The sink will
/// access the same elements of the companions, so these are prefetched while the block is computed.
void matmul_in_blocks(ConstMatrix a, ConstMatrix b, const float* start, std::size_t stride,
                      std::span<const float* const> companions, const BlockSink& sink);

}  // namespace mnist::kernels
