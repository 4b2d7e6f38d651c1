#include "data/digit_ink.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "catch.h"
#include "data/digit_boxes.h"
#include "data/mnist_form.h"

namespace mnist {
namespace {

// Dark ink on light paper, both sides 200 pixels.
constexpr std::size_t kSide = 200;

void fill(Picture& picture, std::size_t left, std::size_t top, std::size_t right,
          std::size_t bottom, std::uint8_t shade) {
  for (std::size_t y = top; y < bottom; ++y) {
    for (std::size_t x = left; x < right; ++x) picture.shades[y * picture.width + x] = shade;
  }
}

// A 7 from (80, 60) to (120, 140) of strokes 8 pixels wide.
Picture seven() {
  Picture picture{kSide, kSide, std::vector<std::uint8_t>(kSide * kSide, 240)};
  fill(picture, 80, 60, 120, 68, 20);
  fill(picture, 112, 60, 120, 140, 20);
  return picture;
}

// How many pixels of two inks are far apart.
std::size_t differing(const Picture& a, const Picture& b) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < a.shades.size(); ++i) {
    n += std::abs(a.shades[i] - b.shades[i]) > 40 ? 1U : 0U;
  }
  return n;
}

TEST_CASE("data: lines of ruled and squared paper are no ink") {
  const Picture clean = ink_of(seven());
  for (const bool squared : {false, true}) {
    Picture paper = seven();
    for (std::size_t line = 20; line < kSide; line += 30) {
      fill(paper, 0, line, kSide, line + 2, 140);
      if (squared) fill(paper, line, 0, line + 2, kSide, 140);
    }
    fill(paper, 80, 60, 120, 68, 20);
    fill(paper, 112, 60, 120, 140, 20);
    const Picture ink = digit_ink(paper);
    CHECK(unclear(paper, ink, digit_boxes(ink)).empty());
    CHECK(digit_boxes(ink).size() == 1);
    CHECK(differing(ink, clean) < 200);  // a line beside a stroke takes a row of its pixels
  }
}

TEST_CASE("data: a line of squared paper may lie at the edge, and a margin has just one") {
  const Picture clean = ink_of(seven());
  for (const bool squared : {false, true}) {
    Picture paper = seven();
    for (std::size_t line = 19; line < kSide; line += 30) {
      fill(paper, 0, line, kSide, line + 1, 140);
      if (squared) fill(paper, line, 0, line + 1, kSide, 140);
    }
    if (!squared) fill(paper, 40, 0, 42, kSide, 100);
    fill(paper, 80, 60, 120, 68, 20);
    fill(paper, 112, 60, 120, 140, 20);
    const Picture ink = digit_ink(paper);
    CHECK(unclear(paper, ink, digit_boxes(ink)).empty());
    CHECK(digit_boxes(ink).size() == 1);
    CHECK(differing(ink, clean) < 200);
  }
}

TEST_CASE("data: frames and bars are no ink") {
  const Picture clean = ink_of(seven());
  Picture bar = seven();
  fill(bar, 0, 0, kSide, 20, 0);
  CHECK(differing(digit_ink(bar), clean) == 0);
  for (std::size_t x = 10; x < 60; x += 8) fill(bar, x, 5, x + 4, 15, 255);  // writing on it
  CHECK(differing(digit_ink(bar), clean) == 0);
  Picture frame = seven();
  fill(frame, 0, 0, 6, kSide, 0);
  fill(frame, 194, 0, kSide, kSide, 0);
  fill(frame, 0, 0, kSide, 6, 0);
  fill(frame, 0, 194, kSide, kSide, 0);
  CHECK(differing(digit_ink(frame), clean) == 0);
}

TEST_CASE("data: ink that is all there is stays, whatever it looks like") {
  // A 7 and a Z cut out close to their strokes, a line, and nothing at all.
  Picture cut{40, 80, std::vector<std::uint8_t>(40 * 80, 0)};
  fill(cut, 0, 0, 40, 8, 255);
  fill(cut, 32, 0, 40, 80, 255);
  CHECK(without_lines(cut).shades == cut.shades);
  Picture thin{100, 200, std::vector<std::uint8_t>(100 * 200, 0)};
  fill(thin, 0, 0, 100, 2, 255);
  fill(thin, 0, 198, 100, 200, 255);
  for (std::size_t y = 0; y < 200; ++y) fill(thin, 99 - y / 2, y, 100 - y / 2, y + 1, 255);
  CHECK(without_lines(thin).shades == thin.shades);
  const Picture none{3, 2, std::vector<std::uint8_t>(6, 0)};
  CHECK(without_lines(none).shades == none.shades);
  const Picture dot{1, 1, {255}};
  CHECK(without_lines(dot).shades == dot.shades);
}

TEST_CASE("data: colours tell ink from its ground where shades of gray do not") {
  Picture red_on_green = seven();
  for (std::size_t plane = 0; plane < 3; ++plane) {
    for (const std::uint8_t shade : seven().shades) {
      const bool ink = shade < 128;
      const int colour = plane == 0 ? (ink ? 200 : 50) : plane == 1 ? (ink ? 40 : 130) : 45;
      red_on_green.colours.push_back(static_cast<std::uint8_t>(colour));
    }
  }
  for (std::uint8_t& shade : red_on_green.shades) shade = shade < 128 ? 98 : 100;
  CHECK(contrast_of(red_on_green) == 2);
  CHECK(contrast_of(clearest_shades(red_on_green)) == 150);
  CHECK(differing(digit_ink(red_on_green), ink_of(seven())) == 0);
  // Shades that differ enough are taken, whatever the colours.
  red_on_green.shades = seven().shades;
  CHECK(clearest_shades(red_on_green).shades == seven().shades);
}

}  // namespace
}  // namespace mnist
