// How the values of an image lie in arrays of three or four dimensions, the first of them images.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/shape.h"
#include "data/dataset.h"

namespace mnist {

struct ImageLayout {
  Shape shape;
  bool channels_last = false;  // in memory: rows, columns, channels
  std::string reading;         // "rows, columns, channels" where there was a choice
};

/// By an array's dimensions without the first: one is a row of features; two are rows and columns;
/// of three the last are channels where they are 1 or 3, else the first where those are.
ImageLayout image_layout(const std::vector<std::size_t>& dimensions);

/// Puts the channels of each image one behind the other, as data sets have them.
void put_channels_first(Dataset& data, const ImageLayout& layout);

}  // namespace mnist
