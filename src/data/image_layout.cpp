#include "data/image_layout.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace mnist {
namespace {

bool are_channels(std::size_t n) { return n == 1 || n == 3; }

template <class T>
void put_first(std::vector<T>& values, const Shape& shape) {
  std::vector<T> image(shape.size());
  const std::size_t pixels = shape.height * shape.width;
  for (std::size_t begin = 0; begin + image.size() <= values.size(); begin += image.size()) {
    T* const out = values.data() + begin;
    std::copy_n(out, image.size(), image.data());
    for (std::size_t p = 0; p < pixels; ++p) {
      for (std::size_t c = 0; c < shape.channels; ++c) {
        out[c * pixels + p] = image[p * shape.channels + c];
      }
    }
  }
}

}  // namespace

ImageLayout image_layout(const std::vector<std::size_t>& d) {
  if (d.size() == 2) return {{1, d[0], d[1]}, false, ""};
  if (d.size() == 3 && are_channels(d[2])) {
    return {{d[2], d[0], d[1]}, true, "rows, columns, channels"};
  }
  if (d.size() == 3 && are_channels(d[0])) {
    return {{d[0], d[1], d[2]}, false, "channels, rows, columns"};
  }
  const std::size_t n =
      std::accumulate(d.begin(), d.end(), std::size_t{1}, std::multiplies<std::size_t>());
  return {shape_of_row(n), false, d.size() > 2 ? "features in one line" : ""};
}

void put_channels_first(Dataset& data, const ImageLayout& layout) {
  if (!layout.channels_last || layout.shape.channels == 1) return;
  put_first(data.pixels, layout.shape);
  put_first(data.values, layout.shape);
}

}  // namespace mnist
