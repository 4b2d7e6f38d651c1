// Row-wise softmax, numerically stable, and in the article's form.
#pragma once

#include "kernels/matrix.h"

namespace mnist::kernels {

/// p = softmax(z) for each row, with the row's maximum m subtracted. log_sums[r] = m + ln Σ exp(z -
/// m) of row r, so that ln p_k = z_k - log_sums[r]. p may be the same memory as z; log_sums may be
/// nullptr.
void softmax(ConstMatrix z, Matrix p, float* log_sums);

/// The bound on |z| in the article's printed softmax, and the number it adds to the sum.
inline constexpr float kArticleBound = 5;
inline constexpr float kArticleAddend = 1e-3F;

/// The article's bounded form, as printed: z̃ = z bounded to ±5, p = exp(z̃) / (Σ exp(z̃) + 1e-3),
/// log_sums[r] = ln(Σ exp(z̃) + 1e-3).
void article_softmax(ConstMatrix z, Matrix p, float* log_sums);

}  // namespace mnist::kernels
