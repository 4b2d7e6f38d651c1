#include "data/digit_boxes.h"

#include <algorithm>

#include "catch.h"

namespace mnist {
namespace {

Picture drawn(const std::vector<std::string>& lines) {
  Picture picture{lines[0].size(), lines.size(), {}};
  for (const std::string& line : lines) {
    for (const char c : line) picture.shades.push_back(c == '#' ? 255 : 0);
  }
  return picture;
}

TEST_CASE("data: digits stand apart, and their parts belong together") {
  const Picture ink = drawn({"..........", ".##....##.", "......... ", ".#.....#..", ".##....##.",
                             "..........", "....#....."});
  const auto boxes = digit_boxes(ink);
  REQUIRE(boxes.size() == 2);
  CHECK(boxes[0].left == 1);
  CHECK(boxes[0].top == 1);
  CHECK(boxes[0].width == 2);
  CHECK(boxes[0].height == 4);
  CHECK(boxes[1].left == 7);
  const Picture part = cut_out(ink, boxes[0]);
  CHECK(part.width == 6);
  CHECK(part.height == 8);
  CHECK(part.shades[2 * 6 + 2] == 255);
  CHECK(part.shades[1 * 6 + 2] == 0);
  CHECK(digit_boxes(drawn({"....", "...."})).empty());
}

TEST_CASE("data: of a texture the largest strokes count, and it takes no time by their cube") {
  // 160,000 dots, and a comb of 5,000 teeth with one that is larger.
  Picture dots{800, 800, {}};
  for (std::size_t i = 0; i < 800 * 800; ++i) {
    dots.shades.push_back(i % 800 % 2 == 0 && i / 800 % 2 == 0 ? 255 : 0);
  }
  CHECK(digit_boxes(dots).size() <= 500);
  Picture comb{10'000, 6, {}};
  for (std::size_t i = 0; i < 60'000; ++i) {
    const std::size_t x = i % 10'000;
    const bool wide = x >= 7000 && x < 7009;
    comb.shades.push_back((x % 2 == 0 || wide) && i / 10'000 % 5 != 0 ? 255 : 0);
  }
  const auto boxes = digit_boxes(comb);
  CHECK(boxes.size() <= 500);
  CHECK(std::ranges::any_of(boxes, [](const DigitBox& box) { return box.width == 9; }));
}

TEST_CASE("data: digits in two lines are read line by line") {
  const Picture ink = drawn({".........", ".......##", ".##....##", ".##....##", ".##......",
                             ".........", ".##....##", ".##....##", ".##....##", "........."});
  const auto boxes = digit_boxes(ink);
  REQUIRE(boxes.size() == 4);
  CHECK(boxes[0].left == 1);
  CHECK(boxes[0].top == 2);
  CHECK(boxes[1].left == 7);
  CHECK(boxes[1].top == 1);
  CHECK(boxes[2].left == 1);
  CHECK(boxes[2].top == 6);
  CHECK(boxes[3].left == 7);
}

TEST_CASE("data: faint ink, and ink at the edges, are not clear") {
  const Picture clear = drawn({".....", "..#..", "..#..", "....."});
  CHECK(unclear(clear, clear, digit_boxes(clear)).empty());
  const Picture line = drawn({".....", "#####", "..#..", "....."});
  CHECK_THAT(unclear(line, line, digit_boxes(line)), contains("edges"));
  const Picture wide = drawn({"........", ".######.", ".#....#.", ".######.", "........"});
  CHECK_THAT(unclear(wide, wide, digit_boxes(wide)), contains("wider than digits are"));
  const Picture zero = drawn({"......", ".####.", ".#..#.", ".####.", "......"});
  CHECK(unclear(zero, zero, digit_boxes(zero)).empty());
  Picture faint = clear;
  for (auto& shade : faint.shades) shade = static_cast<std::uint8_t>(100 + shade / 10);
  CHECK_THAT(unclear(faint, clear, digit_boxes(clear)), contains("contrast"));
}

}  // namespace
}  // namespace mnist
