// Dense matrix products. Each element's sum runs over k in ascending order through one chain of
// fused multiply-adds, so its bits do not depend on how C is cut into calls, tiles or threads.
//
// Behind a ReLU half of the activations and deltas are zero, in trained networks nine of ten. Where
// enough of A is, its zeros are skipped: a link of the chain that adds zero changes no bit while B
// is finite.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "kernels/matrix.h"

namespace mnist::kernels {

enum class Op { kPlain, kTransposed };

/// C [m × n] = op(A) [m × k] · op(B) [k × n] + bias. `bias` [n] is added to every row of C and is
/// the start of each sum; nullptr means none. C must not overlap A, B or bias. Runs on the calling
/// thread; to use many, give each a row or column range of C and of the operand that it needs.
void matmul(Op op_a, ConstMatrix a, Op op_b, ConstMatrix b, const float* bias, Matrix c);

/// Takes a block of a matrix whose first element is that of `row` and `column`.
using BlockSink = std::function<void(std::size_t row, std::size_t column, Matrix block)>;

/// C [m × n] = Aᵀ · B + start of A [k × m] and B [k × n], a C that is used up and not kept: `sink`
/// takes it in blocks, each element once, while they are in the cache. Their rows are `stride`
/// apart, their columns begin at multiples of kFloatsPerLine, and what follows them up to the next
/// multiple is the sink's as well. `start` and `companions` point to arrays of C's shape, rows
/// `stride` apart. The sums go on from `start`, or from zero if it is nullptr; of the companions
/// the sink will use what belongs to each block: it is fetched from memory while the block is
/// computed.
void matmul_in_blocks(ConstMatrix a, ConstMatrix b, const float* start, std::size_t stride,
                      std::span<const float* const> companions, const BlockSink& sink);

}  // namespace mnist::kernels
