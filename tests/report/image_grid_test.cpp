#include "report/image_grid.h"

#include <png.h>

#include <filesystem>
#include <vector>

#include "base/error.h"
#include "catch.h"
#include "temporary_directory.h"

namespace mnist {
namespace {

TEST_CASE("report: an image grid is a PNG of all images in reading order, framed and zoomed") {
  const TemporaryDirectory directory;
  const auto path = directory / "grid.png";
  // Three images of 2 × 2 pixels in two columns; the last place stays empty.
  const std::vector<std::uint8_t> images{10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120};
  write_image_grid(path, images, {1, 2, 2}, 2, 3);

  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_file(&png, path.c_str()) != 0);
  CHECK(png.width == 2 + 2 * (6 + 2));
  CHECK(png.height == 2 + 2 * (6 + 2));
  CHECK(png.format == PNG_FORMAT_GRAY);
  std::vector<std::uint8_t> pixels(PNG_IMAGE_SIZE(png));
  REQUIRE(png_image_finish_read(&png, nullptr, pixels.data(), 0, nullptr) != 0);

  const auto at = [&](std::size_t x, std::size_t y) { return int{pixels[y * png.width + x]}; };
  CHECK(at(2, 2) == 10);
  CHECK(at(4, 4) == 10);
  CHECK(at(5, 4) == 20);
  CHECK(at(7, 7) == 40);
  CHECK(at(10, 2) == 50);
  CHECK(at(15, 7) == 80);
  CHECK(at(2, 10) == 90);
  CHECK(at(7, 15) == 120);
  for (const std::size_t frame : {0U, 1U, 8U, 9U, 16U, 17U}) {
    CHECK(at(frame, 5) == at(0, 0));
    CHECK(at(5, frame) == at(0, 0));
  }
  CHECK(at(12, 12) == at(0, 0));
}

TEST_CASE("report: an image grid of colours, higher than wide") {
  const TemporaryDirectory directory;
  const auto path = directory / "grid.png";
  const std::vector<std::uint8_t> image{10, 20, 30, 40, 50, 60};  // red, green, blue
  write_image_grid(path, image, {3, 2, 1}, 1, 1);
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_file(&png, path.c_str()) != 0);
  CHECK(png.width == 1 + 2 * 2);
  CHECK(png.height == 2 + 2 * 2);
  CHECK(png.format == PNG_FORMAT_RGB);
  std::vector<std::uint8_t> pixels(PNG_IMAGE_SIZE(png));
  REQUIRE(png_image_finish_read(&png, nullptr, pixels.data(), 0, nullptr) != 0);
  const auto* first = &pixels[std::size_t{3} * (2 * 5 + 2)];
  const auto* second = &pixels[std::size_t{3} * (3 * 5 + 2)];
  CHECK(std::vector<int>(first, first + 3) == std::vector<int>{10, 30, 50});
  CHECK(std::vector<int>(second, second + 3) == std::vector<int>{20, 40, 60});
}

TEST_CASE("report: no images are an empty sheet, and too large ones none") {
  const TemporaryDirectory directory;
  write_image_grid(directory / "none.png", {}, {1, 4, 4}, 10);
  CHECK(std::filesystem::exists(directory / "none.png"));
  const std::vector<std::uint8_t> large(std::size_t{4000} * 4000);
  CHECK_THROWS_AS(write_image_grid(directory / "large.png", large, {1, 4000, 4000}, 1, 3), Error);
  CHECK_FALSE(std::filesystem::exists(directory / "large.png"));
}

}  // namespace
}  // namespace mnist
