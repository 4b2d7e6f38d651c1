// A sum over a row as 16 partial sums: term i is added to partial sum i % 16, and these are folded
// in halves. This order suits vectors of any width, so the sum has the same bits on every
// processor.
#pragma once

#include <cstddef>

namespace mnist::kernels {

inline constexpr std::size_t kPartialSums = 16;

/// The total of the partial sums; overwrites them.
template <class T>
T fold(T (&sums)[kPartialSums]) {
  for (std::size_t half = kPartialSums / 2; half > 0; half /= 2) {
    for (std::size_t k = 0; k < half; ++k) sums[k] += sums[k + half];
  }
  return sums[0];
}

}  // namespace mnist::kernels
