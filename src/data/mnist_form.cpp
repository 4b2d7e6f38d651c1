#include "data/mnist_form.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <numeric>

namespace mnist {
namespace {

constexpr std::size_t kShades = 256;
using Histogram = std::array<std::size_t, kShades>;

constexpr std::size_t kMnistBox = 20;
constexpr std::uint8_t kFaintInk = 12;  // fainter ink does not count for the box
constexpr double kLeastContrast = 16;   // between ground and ink

std::size_t count(const Histogram& histogram) {
  std::size_t sum = 0;
  for (const std::size_t n : histogram) sum += n;
  return sum;
}

// The lowest shade that at least this fraction of the pixels does not exceed.
std::size_t quantile(const Histogram& histogram, double part) {
  const double wanted = part * static_cast<double>(count(histogram));
  std::size_t seen = 0;
  for (std::size_t shade = 0; shade < kShades; ++shade) {
    seen += histogram[shade];
    if (seen > 0 && static_cast<double>(seen) >= wanted) return shade;
  }
  return kShades - 1;
}

// The highest shade of the darker class. Otsu, "A threshold selection method from gray-level
// histograms", 1979: it maximises the variance between the two classes.
std::size_t otsu_threshold(const Histogram& histogram) {
  double total = 0;
  for (std::size_t s = 0; s < kShades; ++s) total += static_cast<double>(s * histogram[s]);
  const auto pixels = static_cast<double>(count(histogram));
  double below = 0;
  double sum_below = 0;
  double best = -1;
  std::size_t threshold = 0;
  for (std::size_t s = 0; s + 1 < kShades; ++s) {
    below += static_cast<double>(histogram[s]);
    sum_below += static_cast<double>(s * histogram[s]);
    if (below == 0 || below == pixels) continue;
    const double gap = sum_below / below - (total - sum_below) / (pixels - below);
    const double variance = below * (pixels - below) * gap * gap;
    if (variance > best) {
      best = variance;
      threshold = s;
    }
  }
  return threshold;
}

bool border_is_dark(const Picture& picture, std::size_t threshold) {
  std::size_t dark = 0;
  std::size_t all = 0;
  for (std::size_t y = 0; y < picture.height; ++y) {
    const bool edge = y == 0 || y + 1 == picture.height;
    const std::size_t step = edge || picture.width == 1 ? 1 : picture.width - 1;
    for (std::size_t x = 0; x < picture.width; x += step, ++all) {
      dark += picture.shades[y * picture.width + x] <= threshold ? 1U : 0U;
    }
  }
  return 2 * dark >= all;
}

struct Box {
  std::size_t left = 0, top = 0, right = 0, bottom = 0;  // [left, right) × [top, bottom)

  std::size_t longer_side() const { return std::max(right - left, bottom - top); }
};

Box box_of(const Picture& ink) {
  Box box{ink.width, ink.height, 0, 0};
  for (std::size_t y = 0; y < ink.height; ++y) {
    for (std::size_t x = 0; x < ink.width; ++x) {
      if (ink.shades[y * ink.width + x] <= kFaintInk) continue;
      box.left = std::min(box.left, x);
      box.right = std::max(box.right, x + 1);
      box.top = std::min(box.top, y);
      box.bottom = std::max(box.bottom, y + 1);
    }
  }
  return box;
}

// Distributes a pixel over `cells` cells in a row. Each cell is `scale` pixels wide; the first one
// begins at `start`. Calls add(cell, part) with the fraction of the pixel in each cell.
template <class Add>
void spread(std::size_t pixel, double start, double scale, std::size_t cells, const Add& add) {
  const auto begin = static_cast<double>(pixel);
  const double end = begin + 1;
  const double first = std::max(std::floor((begin - start) / scale), 0.0);
  for (auto c = static_cast<std::size_t>(first); c < cells; ++c) {
    const double cell_begin = start + static_cast<double>(c) * scale;
    const double cell_end = start + static_cast<double>(c + 1) * scale;
    if (cell_begin >= end) break;
    const double part = std::min(end, cell_end) - std::max(begin, cell_begin);
    if (part > 0) add(c, part);
  }
}

// The shift of `sums`, whose total is `mass`, that moves the centre of mass to the middle. By whole
// pixels, as MNIST was made.
std::ptrdiff_t shift_to_middle(const std::vector<double>& sums, double mass) {
  double moment = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) moment += static_cast<double>(i) * sums[i];
  const double middle = static_cast<double>(sums.size() - 1) / 2;
  return static_cast<std::ptrdiff_t>(std::ceil(middle - moment / mass));
}

}  // namespace

Picture ink_of(const Picture& picture) {
  Histogram histogram{};
  for (const std::uint8_t shade : picture.shades) ++histogram[shade];
  const std::size_t threshold = otsu_threshold(histogram);
  const auto split = histogram.begin() + static_cast<std::ptrdiff_t>(threshold) + 1;
  // The border belongs to the ground, unless it is a frame, when few other pixels have its shade.
  constexpr std::size_t kFrame = 3;
  const auto dark = static_cast<std::size_t>(std::accumulate(histogram.begin(), split, 0.0));
  const bool dark_border = border_is_dark(picture, threshold);
  const std::size_t alike = dark_border ? dark : picture.shades.size() - dark;
  const bool dark_ground = kFrame * alike < picture.shades.size() ? !dark_border : dark_border;
  Histogram ground{};
  Histogram ink{};
  std::copy(histogram.begin(), split, (dark_ground ? ground : ink).begin());
  std::copy(split, histogram.end(),
            (dark_ground ? ink : ground).begin() + (split - histogram.begin()));

  const auto ground_shade = static_cast<int>(quantile(ground, 0.5));
  const auto contrasts = [&](const Histogram& shades) {
    Histogram result{};
    for (std::size_t s = 0; s < kShades; ++s) {
      result[static_cast<std::size_t>(std::abs(static_cast<int>(s) - ground_shade))] += shades[s];
    }
    return result;
  };
  // A robust estimate: a normal distribution has a median absolute deviation of 0.6745 standard
  // deviations.
  const double noise = 4 * static_cast<double>(quantile(contrasts(ground), 0.5)) / 0.6745;
  const double full = static_cast<double>(quantile(contrasts(ink), 0.95));

  std::array<std::uint8_t, kShades> ink_by_shade{};
  for (std::size_t s = 0; s < kShades; ++s) {
    const int difference = static_cast<int>(s) - ground_shade;
    const double contrast = dark_ground ? difference : -difference;
    if (contrast <= noise || full <= noise || full < kLeastContrast) continue;
    const double part = std::min((contrast - noise) / (full - noise), 1.0);
    ink_by_shade[s] = static_cast<std::uint8_t>(std::lround(255 * part));
  }
  Picture result{picture.width, picture.height, {}};
  result.shades.reserve(picture.shades.size());
  for (const std::uint8_t shade : picture.shades) result.shades.push_back(ink_by_shade[shade]);
  return result;
}

std::vector<std::uint8_t> to_mnist_form(const Picture& ink, std::size_t side) {
  const Box box = box_of(ink);
  if (box.right == 0) return {};
  const std::size_t box_side =
      std::max<std::size_t>(1, (kMnistBox * side + kMnistSide / 2) / kMnistSide);
  const double scale =
      static_cast<double>(box.longer_side()) / static_cast<double>(box_side);  // pixels per cell
  const std::size_t cells_around = (side - box_side) / 2;
  const double margin = scale * static_cast<double>(cells_around);
  const double left = static_cast<double>(box.left) - margin;
  const double top = static_cast<double>(box.top) - margin;

  std::vector<double> cells(side * side);  // sums of ink, row-major
  std::vector<double> row(side);
  for (std::size_t y = 0; y < ink.height; ++y) {
    std::ranges::fill(row, 0.0);
    for (std::size_t x = 0; x < ink.width; ++x) {
      const double shade = ink.shades[y * ink.width + x];
      if (shade == 0) continue;
      spread(x, left, scale, side, [&](std::size_t c, double part) { row[c] += part * shade; });
    }
    spread(y, top, scale, side, [&](std::size_t r, double part) {
      for (std::size_t c = 0; c < side; ++c) cells[r * side + c] += part * row[c];
    });
  }

  std::vector<double> columns(side);
  std::vector<double> rows(side);
  double mass = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    cells[i] = std::floor(cells[i] / (scale * scale) + 0.5);
    columns[i % side] += cells[i];
    rows[i / side] += cells[i];
    mass += cells[i];
  }
  if (mass == 0) return {};
  const std::ptrdiff_t right = shift_to_middle(columns, mass);
  const std::ptrdiff_t down = shift_to_middle(rows, mass);
  std::vector<std::uint8_t> image(side * side);
  const auto n = static_cast<std::ptrdiff_t>(side);
  for (std::ptrdiff_t y = std::max<std::ptrdiff_t>(0, -down); y < n && y + down < n; ++y) {
    for (std::ptrdiff_t x = std::max<std::ptrdiff_t>(0, -right); x < n && x + right < n; ++x) {
      image[static_cast<std::size_t>((y + down) * n + x + right)] =
          static_cast<std::uint8_t>(cells[static_cast<std::size_t>(y * n + x)]);
    }
  }
  return image;
}

}  // namespace mnist
