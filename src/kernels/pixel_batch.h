// A mini-batch of pixels turned so that one pixel of all its rows lies together. Four of five
// pixels of a handwritten digit are zero: products that go pixel by pixel can skip them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/aligned_vector.h"
#include "kernels/matrix.h"

namespace mnist::kernels {

class PixelBatch {
 public:
  /// Rows that are stored together; workers that load parts of a batch begin at multiples of it.
  static constexpr std::size_t kTile = 16;

  PixelBatch(std::size_t features, std::size_t max_rows);

  std::size_t features() const { return features_; }

  /// Copies rows [begin, end) of a batch of `rows`, row r from `pixels(r)`, `features` bytes each.
  /// `begin` is a multiple of kTile, `end` one as well or `rows`.
  template <class PixelsOfRow>
  void load(std::size_t begin, std::size_t end, const PixelsOfRow& pixels) {
    for (std::size_t row = begin; row < end; row += kTile) {
      const std::uint8_t* sources[kTile];
      const std::size_t n = end - row < kTile ? end - row : kTile;
      for (std::size_t i = 0; i < n; ++i) sources[i] = pixels(row + i);
      load_tile(row / kTile, sources, n);
    }
  }

  /// kTile bytes: the pixel `feature` of rows tile * kTile and following; zero past the last row.
  const std::uint8_t* tile(std::size_t tile, std::size_t feature) const {
    return bytes_.data() + (tile * features_ + feature) * kTile;
  }

 private:
  void load_tile(std::size_t tile, const std::uint8_t* const* rows, std::size_t n);

  std::size_t features_;
  AlignedVector<std::uint8_t> bytes_;  // [tiles × features × kTile]
};

}  // namespace mnist::kernels
