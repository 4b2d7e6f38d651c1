#include "data/dataset.h"

#include <algorithm>
#include <cmath>

namespace mnist {

std::optional<std::size_t> image_side(std::size_t features) {
  const auto side = static_cast<std::size_t>(std::llround(std::sqrt(features)));
  return side * side == features ? std::optional(side) : std::nullopt;
}

void append_rows(Dataset& to, const Dataset& from, std::size_t first, std::size_t count) {
  to.features = from.features;
  to.pixels.insert(to.pixels.end(), from.row(first), from.row(first + count));
  if (!from.labelled() || count == 0) return;
  const auto begin = from.labels.begin() + static_cast<std::ptrdiff_t>(first);
  const auto end = begin + static_cast<std::ptrdiff_t>(count);
  to.labels.insert(to.labels.end(), begin, end);
  to.classes = std::max(to.classes, static_cast<std::size_t>(*std::max_element(begin, end)) + 1);
}

double inked_share(const Dataset& data) {
  constexpr std::size_t kSample = 200;
  constexpr std::size_t kGroup = 4;
  std::size_t groups = 0;
  std::size_t inked = 0;
  const std::size_t step = std::max<std::size_t>(1, data.rows() / kSample);
  for (std::size_t r = 0; r < data.rows(); r += step) {
    const std::uint8_t* row = data.row(r);
    for (std::size_t f = 0; f < data.features; f += kGroup, ++groups) {
      const std::uint8_t* end = row + std::min(f + kGroup, data.features);
      inked += std::any_of(row + f, end, [](std::uint8_t p) { return p != 0; }) ? 1U : 0U;
    }
  }
  return groups == 0 ? 1 : static_cast<double>(inked) / static_cast<double>(groups);
}

}  // namespace mnist
