// Norms of a matrix's columns.
#pragma once

#include "kernels/matrix.h"

namespace mnist::kernels {

/// Scales every column whose Euclidean norm exceeds `limit` > 0 down to that norm; the other
/// columns do not change. Squares are summed in the order of the rows.
void limit_column_norms(Matrix matrix, float limit);

}  // namespace mnist::kernels
