#include "report/picture_sheet.h"

#include <algorithm>

#include "report/image_grid.h"

namespace mnist {
namespace {

constexpr std::size_t kSquare = 84;  // pixels; three times 28
constexpr std::size_t kPicturesAcross = 8;

// The mean of a picture's shades over the pixels, at least one, that the `i`-th of `n` cells of a
// row covers, and the `j`-th of `m` of a column.
std::uint8_t mean_shade(const Picture& picture, std::size_t i, std::size_t n, std::size_t j,
                        std::size_t m) {
  const std::size_t left = i * picture.width / n;
  const std::size_t right = std::max(left + 1, (i + 1) * picture.width / n);
  const std::size_t top = j * picture.height / m;
  const std::size_t bottom = std::max(top + 1, (j + 1) * picture.height / m);
  std::size_t sum = 0;
  for (std::size_t y = top; y < bottom; ++y) {
    for (std::size_t x = left; x < right; ++x) sum += picture.shades[y * picture.width + x];
  }
  return static_cast<std::uint8_t>(sum / ((right - left) * (bottom - top)));
}

// A square with the whole picture in its middle.
std::vector<std::uint8_t> fitted(const Picture& picture) {
  const std::size_t longer = std::max(picture.width, picture.height);
  const std::size_t width = std::max<std::size_t>(1, picture.width * kSquare / longer);
  const std::size_t height = std::max<std::size_t>(1, picture.height * kSquare / longer);
  const std::size_t left = (kSquare - width) / 2;
  const std::size_t top = (kSquare - height) / 2;
  std::vector<std::uint8_t> square(kSquare * kSquare, kGapShade);
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      square[(top + y) * kSquare + left + x] = mean_shade(picture, x, width, y, height);
    }
  }
  return square;
}

}  // namespace

void PictureSheet::add(const Picture& given, const Picture& seen) {
  if (images_.size() >= 2 * kMostPictures * kSquare * kSquare) return;
  for (const Picture* picture : {&given, &seen}) {
    const std::vector<std::uint8_t> square = fitted(*picture);
    images_.insert(images_.end(), square.begin(), square.end());
  }
}

void PictureSheet::write(const std::filesystem::path& path) const {
  write_image_grid(path, images_, kSquare, kPicturesAcross, 1);
}

}  // namespace mnist
