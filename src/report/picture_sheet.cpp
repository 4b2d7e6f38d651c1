#include "report/picture_sheet.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "report/image_grid.h"

namespace mnist {
namespace {

constexpr std::size_t kSquare = 84;  // pixels: 28 × 28 images are enlarged exactly three times
constexpr std::size_t kPicturesAcross = 8;

// Divides the plane into n × m cells. Returns the mean of the pixels in column i and row j of them;
// a cell has at least one pixel.
std::uint8_t mean_shade(const Picture& picture, const std::uint8_t* plane, std::size_t i,
                        std::size_t n, std::size_t j, std::size_t m) {
  const std::size_t left = i * picture.width / n;
  const std::size_t right = std::max(left + 1, (i + 1) * picture.width / n);
  const std::size_t top = j * picture.height / m;
  const std::size_t bottom = std::max(top + 1, (j + 1) * picture.height / m);
  std::size_t sum = 0;
  for (std::size_t y = top; y < bottom; ++y) {
    for (std::size_t x = left; x < right; ++x) sum += plane[y * picture.width + x];
  }
  return static_cast<std::uint8_t>(sum / ((right - left) * (bottom - top)));
}

// The whole plane, scaled and centred in a square.
std::vector<std::uint8_t> fitted(const Picture& picture, const std::uint8_t* plane) {
  const std::size_t longer = std::max(picture.width, picture.height);
  const std::size_t width = std::max<std::size_t>(1, picture.width * kSquare / longer);
  const std::size_t height = std::max<std::size_t>(1, picture.height * kSquare / longer);
  const std::size_t left = (kSquare - width) / 2;
  const std::size_t top = (kSquare - height) / 2;
  std::vector<std::uint8_t> square(kSquare * kSquare, kGapShade);
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      square[(top + y) * kSquare + left + x] = mean_shade(picture, plane, x, width, y, height);
    }
  }
  return square;
}

}  // namespace

void PictureSheet::add(const Picture& given, const Picture& seen) {
  if (pictures_.size() >= 2 * kMostPictures) return;
  for (const Picture* picture : {&given, &seen}) {
    Picture square{kSquare, kSquare, fitted(*picture, picture->shades.data())};
    const std::size_t plane = picture->width * picture->height;
    for (std::size_t begin = 0; begin < picture->colours.size(); begin += plane) {
      const auto more = fitted(*picture, picture->colours.data() + begin);
      square.colours.insert(square.colours.end(), more.begin(), more.end());
    }
    pictures_.push_back(std::move(square));
  }
}

void PictureSheet::write(const std::filesystem::path& path) const {
  const bool coloured =
      std::ranges::any_of(pictures_, [](const Picture& p) { return !p.colours.empty(); });
  const Shape shape{coloured ? 3U : 1U, kSquare, kSquare};
  std::vector<std::uint8_t> images;
  for (const Picture& picture : pictures_) {
    const std::vector<std::uint8_t> planes = planes_of(picture, shape.channels);
    images.insert(images.end(), planes.begin(), planes.end());
  }
  write_image_grid(path, images, shape, kPicturesAcross, 1);
}

}  // namespace mnist
