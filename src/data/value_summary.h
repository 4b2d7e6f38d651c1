// Summary statistics of the values of a data set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "base/shape.h"

namespace mnist {

/// The largest value of byte data.
inline constexpr float kMaxByte = 255;

/// Sums follow the order of the rows, so the same rows give the same summary.
struct ValueSummary {
  float lowest = std::numeric_limits<float>::infinity();
  float highest = -std::numeric_limits<float>::infinity();
  double sum = 0;
  std::size_t count = 0;
  double border_sum = 0;  // of the values in the outer rows and columns of images
  std::size_t border_count = 0;
  bool whole = true;  // all values are integers

  bool empty() const { return count == 0; }
  double mean() const { return count == 0 ? 0 : sum / static_cast<double>(count); }

  /// Whether the images' borders are light (true) or dark (false). Nothing if there are no images,
  /// or if the borders are neither.
  std::optional<bool> light_ground() const;

  friend bool operator==(const ValueSummary&, const ValueSummary&) = default;
};

/// Adds rows of this shape to a summary.
void add_rows(ValueSummary& summary, const Shape& shape, std::span<const std::uint8_t> rows);
void add_rows(ValueSummary& summary, const Shape& shape, std::span<const float> rows);

/// Adds the summary of the rows that follow.
void add_summary(ValueSummary& summary, const ValueSummary& more);

}  // namespace mnist
