// A look at what a network gets to see of pictures.
#pragma once

#include <cstddef>
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

  /// Writes a PNG file, in colours where a picture has any, with four pairs in a row, each picture
  /// scaled to the same square. Requires a pair. Throws Error(kFailure) naming the path.
  void write(const std::filesystem::path& path) const;

 private:
  std::vector<Picture> pictures_;  // squares; two of each pair
};

}  // namespace mnist
