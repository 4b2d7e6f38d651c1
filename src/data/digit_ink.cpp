#include "data/digit_ink.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "data/mnist_form.h"
#include "data/picture_form.h"

namespace mnist {
namespace {

constexpr int kClearContrast = 50;
constexpr std::uint8_t kPaperNoise = 12;  // fainter ink may be noise of the paper

// Transposes a picture, so that its columns can be processed as rows.
Picture on_its_side(const Picture& picture) {
  constexpr std::size_t kTile = 64;  // pixels; a tile of both pictures stays in the cache
  const auto [width, height] = std::pair(picture.width, picture.height);
  Picture result{height, width, {}};
  result.shades.resize(picture.shades.size());
  for (std::size_t top = 0; top < height; top += kTile) {
    for (std::size_t left = 0; left < width; left += kTile) {
      for (std::size_t x = left; x < std::min(left + kTile, width); ++x) {
        for (std::size_t y = top; y < std::min(top + kTile, height); ++y) {
          result.shades[x * height + y] = picture.shades[y * width + x];
        }
      }
    }
  }
  return result;
}

// Which rows have ink along nearly their whole width.
std::vector<bool> full_rows(const Picture& ink) {
  std::vector<bool> full(ink.height);
  for (std::size_t y = 0; y < ink.height; ++y) {
    const auto row = ink.shades.begin() + static_cast<std::ptrdiff_t>(y * ink.width);
    const auto inked = std::count_if(row, row + static_cast<std::ptrdiff_t>(ink.width),
                                     [](std::uint8_t shade) { return shade > kPaperNoise; });
    full[y] = 10 * static_cast<std::size_t>(inked) >= 9 * ink.width;
  }
  return full;
}

// Which columns have ink along nearly their whole height. Needs no transposed picture.
std::vector<bool> full_columns(const Picture& ink) {
  std::vector<std::size_t> inked(ink.width);
  for (std::size_t y = 0; y < ink.height; ++y) {
    const std::uint8_t* row = ink.shades.data() + y * ink.width;
    for (std::size_t x = 0; x < ink.width; ++x) inked[x] += row[x] > kPaperNoise ? 1U : 0U;
  }
  std::vector<bool> full(ink.width);
  for (std::size_t x = 0; x < ink.width; ++x) full[x] = 10 * inked[x] >= 9 * ink.height;
  return full;
}

// A picture after removing lines, and the number of lines, without those at its edges.
struct Unlined {
  Picture ink;
  std::size_t lines = 0;
};

// Removes the lines of ruled paper: thin lines from the left to the right side. A stroke that
// crosses a line stays: a pixel keeps as much ink as there is both above and below the line. If one
// of the lines is too thick, nothing is removed.
Unlined without_lines_across(const Picture& ink) {
  constexpr std::size_t kThin = 50;  // a line is thinner than 1/50 of the height
  const std::vector<bool> full = full_rows(ink);
  Unlined clean{ink};
  const auto shade = [&](std::size_t x, std::size_t y) -> std::uint8_t& {
    return clean.ink.shades[y * ink.width + x];
  };
  for (std::size_t begin = 0; begin < ink.height; ++begin) {
    if (!full[begin]) continue;
    std::size_t end = begin;
    while (end < ink.height && full[end]) ++end;
    if (kThin * (end - begin) > ink.height) return {ink};
    if (begin > 0 && end < ink.height) ++clean.lines;
    // The rims of a line are fainter.
    const std::size_t top = begin > 0 ? begin - 1 : begin;
    const std::size_t bottom = std::min(end + 1, ink.height);
    for (std::size_t x = 0; x < ink.width; ++x) {
      const std::uint8_t above = top > 0 ? shade(x, top - 1) : 0;
      const std::uint8_t below = bottom < ink.height ? shade(x, bottom) : 0;
      for (std::size_t y = top; y < bottom; ++y) {
        shade(x, y) = std::min({shade(x, y), above, below});
      }
    }
    begin = end;
  }
  return clean;
}

// The same for lines from the top to the bottom.
Unlined without_lines_down(const Picture& ink) {
  Unlined clean = without_lines_across(on_its_side(ink));
  clean.ink = on_its_side(clean.ink);
  return clean;
}

// Whether the left and right columns of a picture have no ink.
bool sides_are_free(const Picture& ink) {
  for (std::size_t y = 0; y < ink.height; ++y) {
    const std::uint8_t* row = ink.shades.data() + y * ink.width;
    if (row[0] > kPaperNoise || row[ink.width - 1] > kPaperNoise) return false;
  }
  return true;
}

bool ends_are_free(const Picture& ink) {
  const auto free = [](std::uint8_t shade) { return shade <= kPaperNoise; };
  const auto width = static_cast<std::ptrdiff_t>(ink.width);
  return std::all_of(ink.shades.begin(), ink.shades.begin() + width, free) &&
         std::all_of(ink.shades.end() - width, ink.shades.end(), free);
}

// Removes the lines of ruled paper (at least two), of squared paper, and a margin line that crosses
// others. If the remaining ink reaches the sides where the lines ended, the picture is a close crop
// of a digit and the lines may be its strokes, so they stay.
void remove_lines(Picture& ink) {
  constexpr std::size_t kLines = 2;
  const auto take = [&](bool across, bool down, Picture&& clean) {
    const bool free = (!across || sides_are_free(clean)) && (!down || ends_are_free(clean));
    if (free) ink = std::move(clean);
    return free;
  };
  const auto any = [](const std::vector<bool>& full) {
    return std::ranges::find(full, true) != full.end();
  };
  if (!any(full_rows(ink)) && !any(full_columns(ink))) return;
  Unlined across = without_lines_across(ink);
  Unlined both = without_lines_down(across.ink);
  const bool any_across = across.lines >= kLines || (across.lines > 0 && both.lines >= kLines);
  const bool any_down = both.lines >= kLines || (both.lines > 0 && across.lines >= kLines);
  if (any_across && any_down && take(true, true, std::move(both.ink))) return;
  if (across.lines >= kLines && take(true, false, std::move(across.ink))) return;
  Unlined down = without_lines_down(ink);
  if (down.lines >= kLines) take(false, true, std::move(down.ink));
}

// Removes ink that fills a side of the picture and all ink connected with it, because it is not
// part of a digit. Removes writing on such a bar as well.
void remove_borders(Picture& ink) {
  const std::size_t right = ink.width - 1;
  const std::size_t bottom = ink.height - 1;
  const auto inked = [&](std::size_t x, std::size_t y) {
    return ink.shades[y * ink.width + x] > kPaperNoise;
  };
  std::vector<std::pair<std::size_t, std::size_t>> open;
  const auto take_side = [&](std::size_t length, const auto& place) {
    std::size_t filled = 0;
    for (std::size_t i = 0; i < length; ++i) {
      const auto [x, y] = place(i);
      filled += inked(x, y) ? 1U : 0U;
    }
    if (10 * filled < 9 * length) return;
    for (std::size_t i = 0; i < length; ++i) open.push_back(place(i));
  };
  using Place = std::pair<std::size_t, std::size_t>;
  take_side(ink.width, [](std::size_t i) { return Place(i, 0); });
  take_side(ink.width, [&](std::size_t i) { return Place(i, bottom); });
  take_side(ink.height, [](std::size_t i) { return Place(0, i); });
  take_side(ink.height, [&](std::size_t i) { return Place(right, i); });
  std::vector<std::size_t> of_row(ink.height);  // number of removed pixels
  std::vector<std::size_t> of_column(ink.width);
  while (!open.empty()) {
    const auto [x, y] = open.back();
    open.pop_back();
    if (!inked(x, y)) continue;
    ink.shades[y * ink.width + x] = 0;
    ++of_row[y];
    ++of_column[x];
    for (std::size_t ny = y > 0 ? y - 1 : 0; ny <= std::min(y + 1, bottom); ++ny) {
      for (std::size_t nx = x > 0 ? x - 1 : 0; nx <= std::min(x + 1, right); ++nx) {
        if (inked(nx, ny)) open.emplace_back(nx, ny);
      }
    }
  }
  for (std::size_t y = 0; y < ink.height; ++y) {
    for (std::size_t x = 0; x < ink.width; ++x) {
      const bool on_bar = 2 * of_row[y] > ink.width || 2 * of_column[x] > ink.height;
      if (on_bar) ink.shades[y * ink.width + x] = 0;
    }
  }
}

}  // namespace

int contrast_of(const Picture& picture) {
  constexpr std::size_t kOdd = 200;
  std::array<std::size_t, 256> histogram{};
  for (const std::uint8_t shade : picture.shades) ++histogram[shade];
  const std::size_t odd = picture.shades.size() / kOdd;
  std::size_t seen = 0;
  int darkest = 0;
  while (darkest < 255 && (seen += histogram[static_cast<std::size_t>(darkest)]) <= odd) ++darkest;
  seen = 0;
  int lightest = 255;
  while (lightest > 0 && (seen += histogram[static_cast<std::size_t>(lightest)]) <= odd) --lightest;
  return lightest - darkest;
}

Picture clearest_shades(const Picture& picture) {
  Picture best{picture.width, picture.height, picture.shades};
  int most = contrast_of(best);
  if (most >= kClearContrast || picture.colours.empty()) return best;
  const auto pixels = static_cast<std::ptrdiff_t>(picture.shades.size());
  for (auto begin = picture.colours.begin(); begin != picture.colours.end(); begin += pixels) {
    Picture plane{picture.width, picture.height, {begin, begin + pixels}};
    const int contrast = contrast_of(plane);
    if (contrast <= most) continue;
    most = contrast;
    best = std::move(plane);
  }
  return best;
}

Picture without_lines(const Picture& ink) {
  Picture clean = ink;
  remove_lines(clean);  // first: remove_borders() removes all that a line at the edge crosses
  remove_borders(clean);
  remove_lines(clean);
  const bool left =
      std::ranges::any_of(clean.shades, [](std::uint8_t s) { return s > kPaperNoise; });
  return left ? clean : ink;
}

Picture digit_ink(const Picture& picture) {
  const Picture searched = reduced_picture(picture, search_reduction(picture));
  return without_lines(ink_of(clearest_shades(searched)));
}

}  // namespace mnist
