#include "data/value_summary.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace mnist {
namespace {

// The sum of the values at the border of an image, each counted once.
template <class T>
double border_sum(const Shape& shape, const T* image) {
  double sum = 0;
  for (std::size_t channel = 0; channel < shape.channels; ++channel) {
    for (std::size_t y = 0; y < shape.height; ++y, image += shape.width) {
      if (y == 0 || y + 1 == shape.height) {
        sum = std::accumulate(image, image + shape.width, sum);
      } else {
        sum += static_cast<double>(image[0]) + static_cast<double>(image[shape.width - 1]);
      }
    }
  }
  return sum;
}

bool is_image(const Shape& shape) { return shape.height > 2 && shape.width > 2; }

template <class T>
void add_borders(ValueSummary& summary, const Shape& shape, std::span<const T> rows) {
  if (!is_image(shape)) return;
  const std::size_t rim = shape.channels * 2 * (shape.height + shape.width - 2);
  for (std::size_t i = 0; i < rows.size(); i += shape.size()) {
    summary.border_sum += border_sum(shape, rows.data() + i);
    summary.border_count += rim;
  }
}

void include(ValueSummary& summary, float lowest, float highest) {
  summary.lowest = std::min(summary.lowest, lowest);
  summary.highest = std::max(summary.highest, highest);
}

}  // namespace

std::optional<bool> ValueSummary::light_ground() const {
  // A border between these fractions of the range is neither dark nor light.
  constexpr double kDark = 0.35;
  constexpr double kLight = 0.65;
  if (border_count == 0 || !(highest > lowest)) return std::nullopt;
  const double range = static_cast<double>(highest) - static_cast<double>(lowest);
  const double level = (border_sum / static_cast<double>(border_count) - lowest) / range;
  if (level <= kDark) return false;
  if (level >= kLight) return true;
  return std::nullopt;
}

void add_rows(ValueSummary& summary, const Shape& shape, std::span<const std::uint8_t> rows) {
  if (rows.empty()) return;
  constexpr std::size_t kBlock = 1 << 16;  // the sum of a block fits 32 bits
  std::uint8_t lowest = 255;
  std::uint8_t highest = 0;
  std::uint64_t sum = 0;
  for (std::size_t begin = 0; begin < rows.size(); begin += kBlock) {
    std::uint32_t part = 0;
    for (const std::uint8_t value : rows.subspan(begin, std::min(kBlock, rows.size() - begin))) {
      lowest = std::min(lowest, value);
      highest = std::max(highest, value);
      part += value;
    }
    sum += part;
  }
  include(summary, lowest, highest);
  summary.sum += static_cast<double>(sum);
  summary.count += rows.size();
  add_borders(summary, shape, rows);
}

void add_rows(ValueSummary& summary, const Shape& shape, std::span<const float> rows) {
  constexpr float kAllWhole = 8388608;  // floats from here on have no fraction
  float lowest = std::numeric_limits<float>::infinity();
  float highest = -lowest;
  bool fraction = false;
  for (const float value : rows) {
    lowest = value < lowest ? value : lowest;
    highest = value > highest ? value : highest;
    const bool small = std::abs(value) < kAllWhole;
    fraction |= small && value != static_cast<float>(static_cast<int>(small ? value : 0));
  }
  for (const float value : rows) summary.sum += static_cast<double>(value);
  include(summary, lowest, highest);
  summary.whole = summary.whole && !fraction;
  summary.count += rows.size();
  add_borders(summary, shape, rows);
}

void add_summary(ValueSummary& summary, const ValueSummary& more) {
  include(summary, more.lowest, more.highest);
  summary.sum += more.sum;
  summary.count += more.count;
  summary.border_sum += more.border_sum;
  summary.border_count += more.border_count;
  summary.whole = summary.whole && more.whole;
}

}  // namespace mnist
