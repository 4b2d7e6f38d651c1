// The shape of one image, or of a layer's output for one image.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mnist {

struct Shape {
  std::size_t channels = 0;
  std::size_t height = 0;
  std::size_t width = 0;

  /// Number of values. It does not overflow for a shape from parse_shape() or of an image in
  /// memory.
  std::size_t size() const { return channels * height * width; }

  friend bool operator==(const Shape&, const Shape&) = default;
};

/// "28x28"; with more than one channel "3x32x32" (channels, height, width).
std::string to_string(const Shape& shape);

/// Reads the output of to_string(), or all three numbers: "1x28x28". Returns nothing for any other
/// text, a side of 0, or more than 2^31 - 1 values.
std::optional<Shape> parse_shape(std::string_view text);

}  // namespace mnist
