// A look at what a network gets to see of pictures.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "data/picture.h"

namespace mnist {

/// Collects pictures of any size, each with what became of it, and draws them side by side.
class PictureSheet {
 public:
  static constexpr std::size_t kMostPictures = 64;

  /// Takes the first kMostPictures alone.
  void add(const Picture& given, const Picture& seen);

  /// Writes a grayscale PNG file with four pairs in a row, each picture scaled to the same square.
  /// Requires a pair. Throws Error(kFailure) naming the path.
  void write(const std::filesystem::path& path) const;

 private:
  std::vector<std::uint8_t> images_;  // [2 pairs × kSquare × kSquare]
};

}  // namespace mnist
