// A mini-batch of pixels turned so that one pixel of 64 rows lies together, with a mask of the rows
// that have any of two neighbouring pixels. Four of five pixels of a handwritten digit are zero:
// products that go pixel by pixel can skip them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/aligned_vector.h"

namespace mnist::kernels {

class PixelBatch {
 public:
  /// Rows that are stored together, one bit each of a mask.
  static constexpr std::size_t kRows = 64;
  /// Features that share a mask. Neighbouring pixels are zero together so often that two cost
  /// little more than one; of four, a quarter would be zeros.
  static constexpr std::size_t kGroup = 2;
  /// Features that are loaded together; workers that load parts of a batch begin at multiples of
  /// it.
  static constexpr std::size_t kLoaded = 16;

  /// Where so many features divide into two halves: a multiple of kLoaded, rounded up, or their end
  /// where they are too few.
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

  /// kGroup times kRows bytes for each group: its features, each for the rows of a block, that is
  /// rows block * kRows and following. What belongs to no row, or to no feature, has no meaning.
  const std::uint8_t* bytes(std::size_t block) const {
    return bytes_.data() + block * groups_ * kGroup * kRows;
  }

  /// Whether any of the first `rows` rows has any of a group's features.
  bool has_any(std::size_t group, std::size_t rows) const {
    for (std::size_t block = 0; block * kRows < rows; ++block) {
      if (masks(block)[group] != 0) return true;
    }
    return false;
  }

  /// For each group, bit i: row i of the block has any of its features.
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
