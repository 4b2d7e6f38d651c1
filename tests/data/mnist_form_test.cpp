#include "data/mnist_form.h"

#include <cstdlib>

#include "catch.h"
#include "data/data_file.h"
#include "test_paths.h"

namespace mnist {
namespace {

using Shades = std::vector<std::uint8_t>;

const Dataset& test_digits() {
  static const Dataset data = load_data_file(MNIST_DATA_DIR "/mnist_test.csv.zst");
  return data;
}

Picture digit(std::size_t row) {
  return {28, 28, {test_digits().row(row), test_digits().row(row) + 784}};
}

// Each pixel as a square of `zoom` pixels, with empty ground around.
Picture enlarged(const Picture& picture, std::size_t zoom, std::size_t left, std::size_t top,
                 std::size_t right, std::size_t bottom) {
  Picture large{picture.width * zoom + left + right, picture.height * zoom + top + bottom, {}};
  large.shades.resize(large.width * large.height);
  for (std::size_t y = 0; y < picture.height * zoom; ++y) {
    for (std::size_t x = 0; x < picture.width * zoom; ++x) {
      large.shades[(y + top) * large.width + x + left] =
          picture.shades[y / zoom * picture.width + x / zoom];
    }
  }
  return large;
}

TEST_CASE("data: MNIST's own images are in MNIST's form") {
  std::size_t same = 0;
  for (std::size_t r = 0; r < test_digits().rows(); ++r) {
    const Picture picture = digit(r);
    same += to_mnist_form(picture, 28) == picture.shades ? 1U : 0U;
  }
  // Numbers 4530, 9300 and 9302 are 19 pixels high.
  CHECK(same == test_digits().rows() - 3);
}

TEST_CASE("data: a digit's size and place do not matter") {
  for (std::size_t r = 0; r < 20; ++r) {
    const Picture picture = digit(r);
    CHECK(to_mnist_form(enlarged(picture, 7, 0, 0, 0, 0), 28) == picture.shades);
    CHECK(to_mnist_form(enlarged(picture, 3, 50, 7, 0, 31), 28) == picture.shades);
  }
}

TEST_CASE("data: a shape keeps its proportions, its longer side 20 pixels of 28") {
  // A bar of 40 × 10 becomes one of 20 × 5 about the middle.
  Picture bar{100, 90, Shades(100 * 90)};
  for (std::size_t y = 3; y < 13; ++y) {
    for (std::size_t x = 50; x < 90; ++x) bar.shades[y * 100 + x] = 200;
  }
  Shades expected(28 * 28);
  for (std::size_t y = 12; y < 17; ++y) {
    for (std::size_t x = 4; x < 24; ++x) expected[y * 28 + x] = 200;
  }
  CHECK(to_mnist_form(bar, 28) == expected);

  // Pixels that lie in two cells count in both.
  const Picture tall{1, 3, {90, 90, 255}};
  const Shades image = to_mnist_form(tall, 4);
  CHECK(image.size() == 16);
  CHECK(to_mnist_form({1, 1, {255}}, 28).size() == 784);
}

TEST_CASE("data: without ink there is no form") {
  CHECK(to_mnist_form({3, 3, Shades(9)}, 28).empty());
  CHECK(to_mnist_form({3, 3, Shades(9, 5)}, 28).empty());
  CHECK(to_mnist_form(ink_of({3, 3, Shades(9, 77)}), 28).empty());
  CHECK(to_mnist_form(ink_of({1, 1, {255}}), 28).empty());
}

TEST_CASE("data: a clean picture is its own ink, and the inverse of its negative") {
  Picture clean = enlarged(digit(0), 4, 2, 2, 2, 2);
  for (std::uint8_t& shade : clean.shades) shade = shade > 100 ? 255 : 0;
  CHECK(ink_of(clean).shades == clean.shades);
  Picture negative = clean;
  for (std::uint8_t& shade : negative.shades) shade = static_cast<std::uint8_t>(255 - shade);
  CHECK(ink_of(negative).shades == clean.shades);
}

TEST_CASE("data: ink of any shade on noisy paper comes out as MNIST's") {
  std::size_t alike = 0;
  for (std::size_t r = 0; r < 20; ++r) {
    const Picture clean = enlarged(digit(r), 9, 40, 10, 20, 90);
    for (const bool dark_ink : {true, false}) {
      Picture photo = clean;
      unsigned random = 1;
      for (std::size_t i = 0; i < photo.shades.size(); ++i) {
        random = random * 1664525 + 1013904223;
        const int noise = static_cast<int>(random >> 24) % 11 - 5;
        const int slope = static_cast<int>(i % photo.width / 30);
        const int ink = clean.shades[i] * 100 / 255;
        const int shade = dark_ink ? 190 - ink + noise + slope : 50 + ink + noise + slope;
        photo.shades[i] = static_cast<std::uint8_t>(shade);
      }
      const Shades form = to_mnist_form(ink_of(photo), 28);
      const Shades original = digit(r).shades;
      REQUIRE(form.size() == original.size());
      double difference = 0;
      for (std::size_t i = 0; i < form.size(); ++i) difference += std::abs(form[i] - original[i]);
      alike += difference / 784 < 12 ? 1U : 0U;
    }
  }
  // A centre of mass on the border of two pixels may fall to the other one.
  CHECK(alike >= 36);
}

}  // namespace
}  // namespace mnist
