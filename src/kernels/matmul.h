// Dense matrix products. Each element's sum runs over k in ascending order through one chain of
// fused multiply-adds, so its bits do not depend on how C is cut into calls, tiles or threads.
#pragma once

#include "kernels/matrix.h"

namespace mnist::kernels {

enum class Op { kPlain, kTransposed };

/// C [m × n] = op(A) [m × k] · op(B) [k × n] + bias. `bias` [n] is added to every row of C and is
/// the start of each sum; nullptr means none. C must not overlap A, B or bias. Runs on the calling
/// thread; to use many, give each a row or column range of C and of the operand that it needs.
void matmul(Op op_a, ConstMatrix a, Op op_b, ConstMatrix b, const float* bias, Matrix c);

}  // namespace mnist::kernels
