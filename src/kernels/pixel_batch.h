// A transposed mini-batch of pixels: the values of one pixel in 64 rows are contiguous, and a mask
// for each two neighbouring pixels marks the rows in which at least one is nonzero. Four of five
// pixels of a handwritten digit are zero, so products that loop over pixels can skip them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/aligned_vector.h"

namespace mnist::kernels {

class PixelBatch {
 public:
  /// Rows that are stored together; each has one bit of a mask.
  static constexpr std::size_t kRows = 64;
  /// Features that share a mask. Neighbouring pixels are so often zero together that two cost
  /// little more than one; with four, a quarter of the values would be zeros.
  static constexpr std::size_t kGroup = 2;
  /// Features that are loaded together; parts of a batch begin at multiples of this number.
  static constexpr std::size_t kLoaded = 16;

  /// The feature at which the second half begins: a multiple of kLoaded, rounded up, or `features`
  /// itself if there are too few.
  static constexpr std::size_t middle(std::size_t features) {
    const std::size_t rounded = (features / 2 + kLoaded - 1) / kLoaded * kLoaded;
    return rounded < features ? rounded : features;
  }

  PixelBatch(std::size_t features, std::size_t max_rows);

  std::size_t features() const { return features_; }
  std::size_t groups() const { return groups_; }

  /// Copies the features [begin, end) of `rows` rows, row r from `pixels(r)`, all its features from
  /// the first on. `begin` is a multiple of kLoaded, `end` one as well or features(), unless there
  /// are none.
  template <class PixelsOfRow>
  void load(std::size_t begin, std::size_t end, std::size_t rows, const PixelsOfRow& pixels) {
    for (std::size_t row = 0; row < rows; row += kRows) {
      const std::uint8_t* sources[kRows];
      const std::size_t n = rows - row < kRows ? rows - row : kRows;
      for (std::size_t i = 0; i < n; ++i) sources[i] = pixels(row + i);
      load_block(row / kRows, sources, n, begin, end);
    }
  }

  /// For each group kGroup × kRows bytes: the values of each of its features in the rows of the
  /// block, which begins at row block * kRows. Bytes for missing rows or features have no meaning.
  const std::uint8_t* bytes(std::size_t block) const {
    return bytes_.data() + block * groups_ * kGroup * kRows;
  }

  /// Whether any of the group's features is nonzero in the first `rows` rows.
  bool has_any(std::size_t group, std::size_t rows) const {
    for (std::size_t block = 0; block * kRows < rows; ++block) {
      if (masks(block)[group] != 0) return true;
    }
    return false;
  }

  /// For each group a mask: bit i is set if a feature of the group is nonzero in row i of the
  /// block.
  const std::uint64_t* masks(std::size_t block) const { return masks_.data() + block * groups_; }

 private:
  void load_block(std::size_t block, const std::uint8_t** rows, std::size_t n, std::size_t begin,
                  std::size_t end);

  std::size_t features_;
  std::size_t groups_;
  AlignedVector<std::uint8_t> bytes_;  // [blocks × groups × kGroup × kRows]
  std::vector<std::uint64_t> masks_;   // [blocks × groups]
};

}  // namespace mnist::kernels
