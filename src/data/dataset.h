// Labelled images (or any rows of features from 0 to 255) in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace mnist {

struct Dataset {
  std::size_t features = 0;          // columns of `pixels`
  std::size_t classes = 0;           // largest label + 1; 0 without labels
  std::vector<std::uint8_t> pixels;  // [rows × features], row-major
  std::vector<std::int32_t> labels;  // [rows], 0 .. classes - 1; empty: unlabelled

  std::size_t rows() const { return features == 0 ? 0 : pixels.size() / features; }
  bool labelled() const { return !labels.empty(); }
  const std::uint8_t* row(std::size_t r) const { return pixels.data() + r * features; }
};

/// The width and height of images that have that many pixels, if they are square.
std::optional<std::size_t> image_side(std::size_t features);

/// Appends the rows [first, first + count) of `from` to `to`, which must be a different data set:
/// either one without rows, or one as wide and labelled or unlabelled alike.
void append_rows(Dataset& to, const Dataset& from, std::size_t first, std::size_t count);

/// The part of all groups of four neighbouring pixels that hold anything but zeros, by a sample of
/// the rows; 1 for no rows.
double inked_share(const Dataset& data);

}  // namespace mnist
