#include "data/digit_boxes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>

#include "data/digit_ink.h"

namespace mnist {
namespace {

constexpr std::uint8_t kInk = 80;  // pixels with this much ink form strokes
constexpr std::size_t kMostStrokes = 500;

struct Stroke {
  std::size_t left, top, right, bottom;  // [left, right) × [top, bottom)
  std::size_t pixels = 0;

  std::size_t width() const { return right - left; }
  std::size_t height() const { return bottom - top; }
};

// Keeps the n strokes with the most pixels, in their order.
void keep_largest(std::vector<Stroke>& strokes, std::size_t n) {
  if (strokes.size() <= n) return;
  std::vector<std::size_t> sizes;
  for (const Stroke& stroke : strokes) sizes.push_back(stroke.pixels);
  std::ranges::nth_element(sizes, sizes.begin() + static_cast<std::ptrdiff_t>(n - 1),
                           std::greater<>());
  const std::size_t least = sizes[n - 1];
  auto room = static_cast<std::ptrdiff_t>(n) -
              std::ranges::count_if(strokes, [&](const Stroke& s) { return s.pixels > least; });
  std::erase_if(strokes, [&](const Stroke& stroke) {
    return stroke.pixels < least || (stroke.pixels == least && room-- <= 0);
  });
}

// The connected components of the ink, with diagonal neighbours; only the largest if there are more
// than a page of digits has.
std::vector<Stroke> strokes_of(const Picture& ink) {
  std::vector<Stroke> strokes;
  std::vector<bool> seen(ink.shades.size());
  std::vector<std::size_t> open;
  for (std::size_t start = 0; start < ink.shades.size(); ++start) {
    if (seen[start] || ink.shades[start] < kInk) continue;
    Stroke stroke{ink.width, ink.height, 0, 0};
    seen[start] = true;
    open.push_back(start);
    while (!open.empty()) {
      const std::size_t x = open.back() % ink.width;
      const std::size_t y = open.back() / ink.width;
      open.pop_back();
      stroke.left = std::min(stroke.left, x);
      stroke.right = std::max(stroke.right, x + 1);
      stroke.top = std::min(stroke.top, y);
      stroke.bottom = std::max(stroke.bottom, y + 1);
      ++stroke.pixels;
      for (std::size_t ny = y > 0 ? y - 1 : 0; ny <= std::min(y + 1, ink.height - 1); ++ny) {
        for (std::size_t nx = x > 0 ? x - 1 : 0; nx <= std::min(x + 1, ink.width - 1); ++nx) {
          const std::size_t place = ny * ink.width + nx;
          if (seen[place] || ink.shades[place] < kInk) continue;
          seen[place] = true;
          open.push_back(place);
        }
      }
    }
    strokes.push_back(stroke);
    if (strokes.size() == 2 * kMostStrokes) keep_largest(strokes, kMostStrokes);
  }
  keep_largest(strokes, kMostStrokes);
  return strokes;
}

// Whether two strokes are parts of one digit, one above the other, as in a 5. Digits on two lines
// have similar heights and are farther apart.
bool one_digit(const Stroke& a, const Stroke& b) {
  const auto [less, more] = std::minmax({a.height(), b.height()});
  const std::size_t gap =
      std::max(a.top, b.top) - std::min({a.bottom, b.bottom, std::max(a.top, b.top)});
  if (2 * less > more && 6 * gap > more) return false;
  const std::size_t left = std::max(a.left, b.left);
  const std::size_t right = std::min(a.right, b.right);
  if (right <= left) return false;
  return 2 * (right - left) >= std::min(a.width(), b.width());
}

void join(Stroke& a, const Stroke& b) {
  a.left = std::min(a.left, b.left);
  a.top = std::min(a.top, b.top);
  a.right = std::max(a.right, b.right);
  a.bottom = std::max(a.bottom, b.bottom);
  a.pixels += b.pixels;
}

// Sorts line by line, from left to right. The middle of a line's topmost digit lies within the
// height of every digit of the line.
std::vector<Stroke> in_reading_order(std::vector<Stroke> strokes) {
  std::vector<Stroke> order;
  while (!strokes.empty()) {
    const auto first = std::ranges::min_element(strokes, {}, &Stroke::bottom);
    const std::size_t middle = (first->top + first->bottom) / 2;
    const auto others = std::stable_partition(strokes.begin(), strokes.end(), [&](const Stroke& s) {
      return s.top <= middle && middle < s.bottom;
    });
    std::sort(strokes.begin(), others,
              [](const Stroke& a, const Stroke& b) { return a.left < b.left; });
    order.insert(order.end(), strokes.begin(), others);
    strokes.erase(strokes.begin(), others);
  }
  return order;
}

}  // namespace

std::vector<DigitBox> digit_boxes(const Picture& ink) {
  constexpr std::size_t kSpeck = 50;  // a speck has fewer than 1/50 of the largest stroke's pixels
  std::vector<Stroke> strokes = strokes_of(ink);
  std::size_t most = 0;
  for (const Stroke& stroke : strokes) most = std::max(most, stroke.pixels);
  std::erase_if(strokes, [&](const Stroke& stroke) { return stroke.pixels * kSpeck < most; });
  bool joined = true;
  while (joined) {
    joined = false;
    for (std::size_t i = 0; i < strokes.size() && !joined; ++i) {
      for (std::size_t j = i + 1; j < strokes.size() && !joined; ++j) {
        if (!one_digit(strokes[i], strokes[j])) continue;
        join(strokes[i], strokes[j]);
        strokes.erase(strokes.begin() + static_cast<std::ptrdiff_t>(j));
        joined = true;
      }
    }
  }
  // The digits of a number have similar heights.
  std::size_t tallest = 0;
  for (const Stroke& stroke : strokes) tallest = std::max(tallest, stroke.height());
  std::erase_if(strokes, [&](const Stroke& stroke) { return 3 * stroke.height() < tallest; });
  std::vector<DigitBox> boxes;
  for (const Stroke& stroke : in_reading_order(std::move(strokes))) {
    boxes.push_back({stroke.left, stroke.top, stroke.width(), stroke.height()});
  }
  return boxes;
}

Picture cut_out(const Picture& picture, const DigitBox& box) {
  constexpr std::size_t kMargin = 2;
  Picture part{box.width + 2 * kMargin, box.height + 2 * kMargin, {}};
  const auto add_plane = [&](const std::uint8_t* from, std::vector<std::uint8_t>& to) {
    const std::size_t begin = to.size();
    to.resize(begin + part.width * part.height);
    for (std::size_t y = 0; y < box.height; ++y) {
      std::copy_n(from + (box.top + y) * picture.width + box.left, box.width,
                  to.data() + begin + (y + kMargin) * part.width + kMargin);
    }
  };
  add_plane(picture.shades.data(), part.shades);
  for (std::size_t begin = 0; begin < picture.colours.size(); begin += picture.shades.size()) {
    add_plane(picture.colours.data() + begin, part.colours);
  }
  return part;
}

std::string unclear(const Picture& picture, const Picture& ink,
                    const std::vector<DigitBox>& boxes) {
  constexpr int kLeastContrast = 50;
  if (contrast_of(picture) < kLeastContrast) {
    return "it has little contrast between ink and ground";
  }
  // Ink along or across the edges: lines of paper, frames, shadows.
  std::array<std::size_t, 4> touched{};
  for (std::size_t x = 0; x < ink.width; ++x) {
    touched[0] += ink.shades[x] >= kInk ? 1U : 0U;
    touched[1] += ink.shades[(ink.height - 1) * ink.width + x] >= kInk ? 1U : 0U;
  }
  for (std::size_t y = 0; y < ink.height; ++y) {
    touched[2] += ink.shades[y * ink.width] >= kInk ? 1U : 0U;
    touched[3] += ink.shades[y * ink.width + ink.width - 1] >= kInk ? 1U : 0U;
  }
  const auto sides = std::ranges::count_if(touched, [](std::size_t n) { return n > 0; });
  if (sides > 1) return "its ink reaches the edges, as lines, frames and shadows do; crop it";
  // Wider than 98.6 % of MNIST's test images.
  const auto wide = [](const DigitBox& box) { return 20 * box.width > 27 * box.height; };
  if (std::ranges::any_of(boxes, wide)) {
    return "a shape is wider than digits are; those that touch are labelled as one";
  }
  return "";
}

}  // namespace mnist
