// Matrices for kernel tests whose surroundings tell when a kernel strays into them.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "kernels/matrix.h"

namespace mnist::kernels {

/// rows × columns floats, 0 at first, between unaligned paddings of one certain NaN: what is read
/// from there spoils the result, what is written there shows in padding_intact().
class PaddedMatrix {
 public:
  PaddedMatrix(std::size_t rows, std::size_t columns, std::size_t padding = 3)
      : rows_(rows),
        columns_(columns),
        stride_(columns + padding),
        floats_(kBefore + rows * stride_ + kAfter, std::bit_cast<float>(kSentinel)) {
    for (std::size_t r = 0; r < rows; ++r) std::fill_n(view().row(r), columns, 0.0f);
  }

  Matrix view() { return {floats_.data() + kBefore, rows_, columns_, stride_}; }
  float& at(std::size_t r, std::size_t c) { return view().row(r)[c]; }
  float* data() { return view().data; }
  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }

  bool padding_intact() const {
    for (std::size_t i = 0; i < floats_.size(); ++i) {
      const bool inside =
          i >= kBefore && i < kBefore + rows_ * stride_ && (i - kBefore) % stride_ < columns_;
      if (!inside && std::bit_cast<std::uint32_t>(floats_[i]) != kSentinel) return false;
    }
    return true;
  }

 private:
  static constexpr std::uint32_t kSentinel = 0x7fc0beef;
  static constexpr std::size_t kBefore = 17;
  static constexpr std::size_t kAfter = 64;

  std::size_t rows_;
  std::size_t columns_;
  std::size_t stride_;
  std::vector<float> floats_;
};

/// Normal numbers, the same at every call.
inline void fill_normal(PaddedMatrix& matrix, float deviation = 1, unsigned seed = 1) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(0, deviation);
  for (std::size_t r = 0; r < matrix.rows(); ++r) {
    for (std::size_t c = 0; c < matrix.columns(); ++c) matrix.at(r, c) = normal(generator);
  }
}

/// The same bits, or both NaN.
inline bool same(float x, float y) {
  return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y) ||
         (std::isnan(x) && std::isnan(y));
}

inline bool same(PaddedMatrix& x, PaddedMatrix& y) {
  for (std::size_t r = 0; r < x.rows(); ++r) {
    for (std::size_t c = 0; c < x.columns(); ++c) {
      if (!same(x.at(r, c), y.at(r, c))) return false;
    }
  }
  return true;
}

/// |x - exact| in units of the last place of a float of exact's size; 0 when both are NaN or the
/// same infinity.
inline double ulps(float x, double exact) {
  const auto rounded = static_cast<float>(exact);
  if (same(x, rounded)) return 0;
  if (!std::isfinite(x) || !std::isfinite(rounded)) return std::numeric_limits<double>::infinity();
  const int exponent = rounded == 0 ? -126 : std::max(std::ilogb(rounded), -126);
  return std::abs(static_cast<double>(x) - exact) / std::ldexp(1.0, exponent - 23);
}

/// Sizes from nothing to past several vectors of any width.
inline const std::vector<std::size_t> kSizes = {0,  1,  2,  3,  4,  5,  7,  8,  9,  10, 13, 15,
                                                16, 17, 20, 23, 31, 32, 33, 50, 64, 65, 127};

}  // namespace mnist::kernels
