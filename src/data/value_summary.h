// What the values of a data set look like as a whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "base/shape.h"

namespace mnist {

/// The largest value of data that are bytes.
inline constexpr float kMaxByte = 255;

/// Sums in the order of the rows, so the same rows give the same summary.
struct ValueSummary {
  float lowest = std::numeric_limits<float>::infinity();
  float highest = -std::numeric_limits<float>::infinity();
  double sum = 0;
  std::size_t count = 0;
  double border_sum = 0;  // of the values on the outermost rows and columns of images
  std::size_t border_count = 0;
  bool whole = true;  // integers all

  bool empty() const { return count == 0; }
  double mean() const { return count == 0 ? 0 : sum / static_cast<double>(count); }

  /// Whether images have a light ground (true) or a dark one (false), as their borders tell;
  /// nothing where they do not: no images, or borders neither light nor dark.
  std::optional<bool> light_ground() const;

  friend bool operator==(const ValueSummary&, const ValueSummary&) = default;
};

/// Adds rows of that shape to a summary.
void add_rows(ValueSummary& summary, const Shape& shape, std::span<const std::uint8_t> rows);
void add_rows(ValueSummary& summary, const Shape& shape, std::span<const float> rows);

/// Adds what `more` knows of the rows behind.
void add_summary(ValueSummary& summary, const ValueSummary& more);

}  // namespace mnist
