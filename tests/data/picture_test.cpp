#include "data/picture.h"

#include <png.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <numeric>

#include "base/error.h"
#include "catch.h"
#include "data/picture_files.h"
#include "temporary_directory.h"

namespace mnist {
namespace {

using namespace mnist::testing;
using Shades = std::vector<std::uint8_t>;

void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string error_of(const std::filesystem::path& path) {
  try {
    picture_in(path);
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kBadInput);
    CHECK_THAT(error.what(), contains(path.string()));
    return error.what();
  }
  return "";
}

// 3 × 2, all shades different.
const Picture kSmallPicture{3, 2, {0, 50, 100, 150, 200, 250}};

// Smooth, so that JPEG keeps it.
Picture smooth_picture() {
  Picture picture{24, 16, Shades(24 * 16)};
  for (std::size_t i = 0; i < picture.shades.size(); ++i) {
    picture.shades[i] = static_cast<std::uint8_t>(i % 24 * 8 + i / 24 * 3);
  }
  return picture;
}

void check_close(const Picture& a, const Picture& b) {
  REQUIRE(a.width == b.width);
  REQUIRE(a.height == b.height);
  REQUIRE(a.shades.size() == b.shades.size());
  int largest = 0;
  for (std::size_t i = 0; i < a.shades.size(); ++i) {
    largest = std::max(largest, std::abs(a.shades[i] - b.shades[i]));
  }
  CHECK(largest <= 3);
}

TEST_CASE("data: a PGM is read in text and in bytes, with comments and any largest shade") {
  const TemporaryDirectory directory;
  const auto path = directory / "x.pgm";
  write_pgm(path, kSmallPicture);
  const Picture picture = picture_in(path);
  CHECK(picture.width == 3);
  CHECK(picture.height == 2);
  CHECK(picture.shades == kSmallPicture.shades);

  write_text(path, "P2 # 3 by 2\n3\n2\n# shades\n250\n0 50 100\n150 200 250");
  CHECK(picture_in(path).shades == Shades{0, 51, 102, 153, 204, 255});
  write_text(path, std::string("P5 2 1 65535\n\x80\x00\xff\xff", 17));
  CHECK(picture_in(path).shades == Shades{128, 255});
  write_text(path, "P2 2 1 10 5 11");
  CHECK(picture_in(path).shades == Shades{128, 255});
}

TEST_CASE("data: a damaged PGM is bad input") {
  const TemporaryDirectory directory;
  const auto path = directory / "x.pgm";
  for (const std::string text : {"P5\n", "P5 3", "P5 3 2 255", "P5 3 2 255\n12345", "P2 2 1 9 1",
                                 "P2 2 1 9 1 x", "P5 0 2 255\n", "P5 3 2 0\n123456",
                                 "P5 3 2 65536\n123456123456", "P5 a 2 255\n", "P5 -3 2 255\n"}) {
    INFO(text);
    write_text(path, text);
    CHECK_FALSE(error_of(path).empty());
  }
  write_text(path, "P5 100001 1000 255\n");
  CHECK_THAT(error_of(path), contains("64 megapixels"));
  write_text(path, "P5 4294967296 4294967296 255\n");
  CHECK_THAT(error_of(path), contains("64 megapixels"));
}

TEST_CASE("data: a PNG is read in gray and in colour") {
  const TemporaryDirectory directory;
  const auto path = directory / "x.png";
  write_png(path, 3, 2, PNG_FORMAT_GRAY, kSmallPicture.shades);
  CHECK(picture_in(path).shades == kSmallPicture.shades);
  write_png(path, 2, 2, PNG_FORMAT_RGB, {255, 255, 255, 0, 0, 0, 90, 90, 90, 0, 255, 0});
  const Shades shades = picture_in(path).shades;
  CHECK(Shades(shades.begin(), shades.begin() + 3) == Shades{255, 0, 90});
  CHECK((shades[3] > 150 && shades[3] < 250));  // green is light
}

TEST_CASE("data: a picture keeps its colours where they are asked for and it has any") {
  const TemporaryDirectory directory;
  const auto png = directory / "x.png";
  write_png(png, 2, 1, PNG_FORMAT_RGB, {200, 40, 30, 0, 255, 7});
  CHECK(picture_in(png).colours.empty());
  const Picture kept = picture_in(png, Colours::kKept);
  CHECK(kept.colours == Shades{200, 0, 40, 255, 30, 7});
  CHECK(kept.shades == picture_in(png).shades);
  CHECK(planes_of(kept, 3) == kept.colours);
  CHECK(planes_of(kept, 1) == kept.shades);
  write_png(png, 2, 1, PNG_FORMAT_RGB, {200, 204, 198, 90, 90, 90});  // as good as gray
  const Picture gray = picture_in(png, Colours::kKept);
  CHECK(gray.colours.empty());
  CHECK(planes_of(gray, 3) == Shades{gray.shades[0], gray.shades[1], gray.shades[0], gray.shades[1],
                                     gray.shades[0], gray.shades[1]});
  write_png(png, 2, 1, PNG_FORMAT_RGBA, {10, 20, 90, 255, 10, 20, 90, 0});  // on white
  CHECK(picture_in(png, Colours::kKept).colours == Shades{10, 255, 20, 255, 90, 255});

  // Half red, half blue; turned so that its left becomes its top.
  const auto jpeg = directory / "x.jpg";
  Picture halves{32, 16, Shades(512)};
  for (std::size_t i = 0; i < 3 * 512; ++i) {
    const bool left = i % 32 < 16;
    halves.colours.push_back(i / 512 == 0   ? (left ? 220 : 20)
                             : i / 512 == 2 ? (left ? 20 : 220)
                                            : 30);
  }
  write_jpeg(jpeg, halves, 6);
  CHECK(picture_in(jpeg).colours.empty());
  const Picture turned = picture_in(jpeg, Colours::kKept);
  REQUIRE(turned.width == 16);
  REQUIRE(turned.colours.size() == 3 * 512);
  CHECK(turned.colours[3 * 16 + 8] > 200);             // red at the top
  CHECK(turned.colours[28 * 16 + 8] < 40);             // and not at the bottom
  CHECK(turned.colours[2 * 512 + 28 * 16 + 8] > 200);  // which is blue
  CHECK(turned.shades == picture_in(jpeg).shades);
}

TEST_CASE("data: ink on transparent paper shows, dark or light") {
  const TemporaryDirectory directory;
  const auto path = directory / "x.png";
  write_png(path, 3, 1, PNG_FORMAT_GA, {0, 255, 0, 0, 0, 51});
  CHECK(picture_in(path).shades == Shades{0, 255, 204});
  write_png(path, 3, 1, PNG_FORMAT_GA, {255, 255, 255, 0, 255, 51});
  CHECK(picture_in(path).shades == Shades{255, 0, 51});
}

TEST_CASE("data: a damaged PNG is bad input wherever it ends") {
  const TemporaryDirectory directory;
  const auto path = directory / "x.png";
  write_png(path, 24, 16, PNG_FORMAT_GRAY, smooth_picture().shades);
  const std::string whole = text_of(path);
  for (std::size_t size = 8; size + 12 < whole.size(); size += 5) {
    write_text(path, whole.substr(0, size));
    CHECK_THAT(error_of(path), contains("cannot be read"));
  }
  std::string wide = whole;
  wide[16] = 0x7f;  // a width of two thousand million, its checksum now wrong
  write_text(path, wide);
  CHECK_FALSE(error_of(path).empty());
}

TEST_CASE("data: a JPEG is read, upright however the camera was held") {
  const TemporaryDirectory directory;
  const auto path = directory / "x.jpg";
  const Picture stored = smooth_picture();
  write_jpeg(path, stored);
  check_close(picture_in(path), stored);

  // Where a pixel at (x, y) of the upright picture is stored, by the orientation's definition: the
  // row and the column that come first are the picture's top, right, ... side.
  const std::size_t w = stored.width - 1;
  const std::size_t h = stored.height - 1;
  for (int orientation = 1; orientation <= 8; ++orientation) {
    INFO(orientation);
    Picture expected = stored;
    if (orientation >= 5) std::swap(expected.width, expected.height);
    for (std::size_t y = 0; y < expected.height; ++y) {
      for (std::size_t x = 0; x < expected.width; ++x) {
        const std::pair<std::size_t, std::size_t> at[] = {
            {x, y}, {w - x, y}, {w - x, h - y}, {x, h - y},  // rows are rows
            {y, x}, {y, h - x}, {w - y, h - x}, {w - y, x},  // rows are columns
        };
        const auto [from_x, from_y] = at[orientation - 1];
        expected.shades[y * expected.width + x] = stored.shades[from_y * stored.width + from_x];
      }
    }
    write_jpeg(path, stored, orientation);
    check_close(picture_in(path), expected);
  }
}

TEST_CASE("data: a JPEG for print has colours, too") {
  const TemporaryDirectory directory;
  const auto path = directory / "x.jpg";
  write_cmyk_jpeg(path, 4, {0, 255, 255, 0});  // red
  const Picture red = picture_in(path, Colours::kKept);
  REQUIRE(red.colours.size() == 3 * 16);
  CHECK(red.colours[0] > 245);
  CHECK(red.colours[16] < 10);
  CHECK(red.colours[32] < 10);
  CHECK(std::abs(red.shades[0] - 76) < 5);
  write_cmyk_jpeg(path, 4, {0, 0, 0, 128});
  CHECK(std::abs(picture_in(path).shades[0] - 127) < 5);
}

TEST_CASE("data: a PNG of 16 bits has the shades of one of 8") {
  const TemporaryDirectory directory;
  const auto path = directory / "x.png";
  write_gray16_png(path, 0x8080);
  CHECK(picture_in(path).shades == std::vector<std::uint8_t>{0x80});
}

TEST_CASE("data: a damaged JPEG is bad input wherever it ends") {
  const TemporaryDirectory directory;
  const auto path = directory / "x.jpg";
  write_jpeg(path, smooth_picture());
  const std::string whole = text_of(path);
  for (std::size_t size = 3; size + 2 < whole.size(); size += 17) {
    write_text(path, whole.substr(0, size));
    CHECK_THAT(error_of(path), contains("cannot be read"));
  }
}

TEST_CASE("data: pictures are told by their first bytes") {
  CHECK(looks_like_picture("\x89PNG\r\n\x1a\n...."));
  CHECK(looks_like_picture("\xff\xd8\xff\xe0"));
  CHECK(looks_like_picture("P5\n28 28"));
  CHECK(looks_like_picture("P2 # made by"));
  for (const char* other : {"", "P", "P5", "P5,1,2", "P6\n1 1", "5,0,0", "\x89PNH\r\n\x1a\n"}) {
    CHECK_FALSE(looks_like_picture(other));
  }
  const TemporaryDirectory directory;
  write_text(directory / "x.csv", "1,2,3");
  CHECK_THAT(error_of(directory / "x.csv"), contains("PNG, JPEG or PGM"));
}

}  // namespace
}  // namespace mnist
