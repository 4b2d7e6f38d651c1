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
  std::vector<std::uint8_t> pixels;  // [height × width × channels]
};

Sheet lay_out(std::span<const std::uint8_t> images, const Shape& shape, std::size_t columns,
              std::size_t zoom) {
  const std::size_t count = images.size() / shape.size();
  const std::size_t channels = shape.channels;
  columns = std::max<std::size_t>(1, std::min(columns, count));
  const std::size_t across = shape.width * zoom + kGap;
  const std::size_t down = shape.height * zoom + kGap;
  Sheet sheet{columns * across + kGap, (count + columns - 1) / columns * down + kGap, {}};
  if (sheet.width > kMostPixels / sheet.height) {
    throw Error(ExitCode::kBadInput,
                fmt::format("{} images of {} × {} pixels make too large a sheet to be drawn", count,
                            shape.width, shape.height));
  }
  sheet.pixels.assign(sheet.width * sheet.height * channels, kGapShade);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t left = i % columns * across + kGap;
    const std::size_t top = i / columns * down + kGap;
    for (std::size_t c = 0; c < channels; ++c) {
      const std::uint8_t* plane = images.data() + (i * channels + c) * shape.height * shape.width;
      for (std::size_t y = 0; y < shape.height * zoom; ++y) {
        const std::uint8_t* source = plane + y / zoom * shape.width;
        std::uint8_t* target =
            sheet.pixels.data() + ((top + y) * sheet.width + left) * channels + c;
        for (std::size_t x = 0; x < shape.width * zoom; ++x) {
          target[x * channels] = source[x / zoom];
        }
      }
    }
  }
  return sheet;
}

}  // namespace

void write_image_grid(const std::filesystem::path& path, std::span<const std::uint8_t> images,
                      const Shape& shape, std::size_t columns, std::size_t zoom) {
  const Sheet sheet = lay_out(images, shape, columns, zoom);
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(sheet.width);
  png.height = static_cast<png_uint_32>(sheet.height);
  png.format = shape.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
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
