// The layout of images in an array; its first dimension counts the images.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/shape.h"
#include "data/dataset.h"

namespace mnist {

struct ImageLayout {
  Shape shape;
  bool channels_last = false;  // rows, columns, channels in memory
  std::string reading;         // "rows, columns, channels"; empty if there is only one possibility
};

/// The layout for an array's dimensions without the first. One dimension is a row of features; two
/// are rows and columns; of three, the last is channels if it is 1 or 3, otherwise the first if it
/// is 1 or 3.
ImageLayout image_layout(const std::vector<std::size_t>& dimensions);

/// Reorders each image channel by channel, as a Dataset stores it.
void put_channels_first(Dataset& data, const ImageLayout& layout);

}  // namespace mnist
