// A sheet that shows pictures beside the images that the network sees.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "data/picture.h"

namespace mnist {

/// Collects pairs of a picture of any size and the image made from it, and draws them side by side.
class PictureSheet {
 public:
  static constexpr std::size_t kMostPictures = 64;

  /// Adds a pair; ignores those after the first kMostPictures.
  void add(const Picture& given, const Picture& seen);

  /// Writes a PNG file with four pairs per row, each picture scaled to the same square; in colours
  /// if a picture has any. There must be at least one pair. Throws Error(kFailure) naming the path.
  void write(const std::filesystem::path& path) const;

 private:
  std::vector<Picture> pictures_;  // scaled to squares; two per pair
};

}  // namespace mnist
