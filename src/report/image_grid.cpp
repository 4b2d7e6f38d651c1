#include "report/image_grid.h"

#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <vector>

#include "base/atomic_file.h"
#include "base/error.h"

namespace mnist {

namespace {

constexpr std::size_t kGap = 2;  // pixels between images and around them

constexpr std::size_t kMostPixels = 100'000'000;

struct Sheet {
  std::size_t width, height;
  std::vector<std::uint8_t> pixels;  // [height × width]
};

Sheet lay_out(std::span<const std::uint8_t> images, std::size_t side, std::size_t columns,
              std::size_t zoom) {
  const std::size_t count = images.size() / (side * side);
  columns = std::max<std::size_t>(1, std::min(columns, count));
  const std::size_t cell = side * zoom + kGap;
  Sheet sheet{columns * cell + kGap, (count + columns - 1) / columns * cell + kGap, {}};
  if (sheet.width > kMostPixels / sheet.height) {
    throw Error(ExitCode::kBadInput,
                fmt::format("{} images of {} × {} pixels make too large a sheet to be drawn", count,
                            side, side));
  }
  sheet.pixels.assign(sheet.width * sheet.height, kGapShade);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t left = i % columns * cell + kGap;
    const std::size_t top = i / columns * cell + kGap;
    for (std::size_t y = 0; y < side * zoom; ++y) {
      const std::uint8_t* source = images.data() + (i * side + y / zoom) * side;
      std::uint8_t* target = sheet.pixels.data() + (top + y) * sheet.width + left;
      for (std::size_t x = 0; x < side * zoom; ++x) target[x] = source[x / zoom];
    }
  }
  return sheet;
}

}  // namespace

void write_image_grid(const std::filesystem::path& path, std::span<const std::uint8_t> images,
                      std::size_t side, std::size_t columns, std::size_t zoom) {
  const Sheet sheet = lay_out(images, side, columns, zoom);
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(sheet.width);
  png.height = static_cast<png_uint_32>(sheet.height);
  png.format = PNG_FORMAT_GRAY;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
  std::vector<std::byte> file(size);
  if (png_image_write_to_memory(&png, file.data(), &size, 0, sheet.pixels.data(), 0, nullptr) ==
      0) {
    throw Error(ExitCode::kFailure,
                fmt::format("{}: cannot make a PNG of {} × {} pixels: {}", path.string(),
                            sheet.width, sheet.height, png.message));
  }
  write_file_atomically(path, std::span(file).first(size));
}

}  // namespace mnist
