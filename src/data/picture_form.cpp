#include "data/picture_form.h"

#include <algorithm>
#include <cmath>

namespace mnist {
namespace {

struct Span {
  std::size_t begin;
  std::size_t end;
};

// Part i if `n` pixels are divided into `parts`; at least one pixel.
Span part(std::size_t i, std::size_t parts, std::size_t n) {
  const std::size_t begin = i * n / parts;
  const std::size_t end = ((i + 1) * n + parts - 1) / parts;
  return {begin, std::max(end, begin + 1)};
}

// Scales a plane of the picture to width × height pixels.
std::vector<std::uint8_t> scaled_plane(const Picture& picture, const std::uint8_t* shades,
                                       std::size_t width, std::size_t height) {
  std::vector<std::uint8_t> scaled;
  scaled.reserve(width * height);
  // The fraction of pixel i between `begin` and `end`, which are fractions of pixels.
  const auto covered = [](std::size_t i, double begin, double end) {
    return std::min(end, static_cast<double>(i + 1)) - std::max(begin, static_cast<double>(i));
  };
  const double step_x = static_cast<double>(picture.width) / static_cast<double>(width);
  const double step_y = static_cast<double>(picture.height) / static_cast<double>(height);
  for (std::size_t y = 0; y < height; ++y) {
    const Span rows = part(y, height, picture.height);
    const double top = static_cast<double>(y) * step_y;
    for (std::size_t x = 0; x < width; ++x) {
      const Span columns = part(x, width, picture.width);
      const double left = static_cast<double>(x) * step_x;
      double sum = 0;
      for (std::size_t r = rows.begin; r < rows.end; ++r) {
        const double part_y = covered(r, top, top + step_y);
        for (std::size_t c = columns.begin; c < columns.end; ++c) {
          sum += part_y * covered(c, left, left + step_x) *
                 static_cast<double>(shades[r * picture.width + c]);
        }
      }
      scaled.push_back(static_cast<std::uint8_t>(std::lround(sum / (step_x * step_y))));
    }
  }
  return scaled;
}

}  // namespace

Picture scaled_picture(const Picture& picture, std::size_t width, std::size_t height) {
  if (picture.width == width && picture.height == height) return picture;
  Picture scaled{width, height, scaled_plane(picture, picture.shades.data(), width, height)};
  const std::size_t pixels = picture.width * picture.height;
  for (std::size_t plane = 0; plane < picture.colours.size(); plane += pixels) {
    const auto more = scaled_plane(picture, picture.colours.data() + plane, width, height);
    scaled.colours.insert(scaled.colours.end(), more.begin(), more.end());
  }
  return scaled;
}

std::size_t search_reduction(const Picture& picture) {
  constexpr std::size_t kMostPixels = 16'000'000;
  return picture.width * picture.height > kMostPixels ? 2 : 1;
}

Picture reduced_picture(Picture picture, std::size_t reduction) {
  if (reduction == 1) return picture;
  return scaled_picture(picture, std::max<std::size_t>(1, picture.width / reduction),
                        std::max<std::size_t>(1, picture.height / reduction));
}

}  // namespace mnist
