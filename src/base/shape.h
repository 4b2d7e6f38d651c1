// The shape of one image, or of what a layer makes of it.
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

  /// Values of one image. A shape that parse_shape() gave, or that memory holds, does not overflow.
  std::size_t size() const { return channels * height * width; }

  friend bool operator==(const Shape&, const Shape&) = default;
};

/// "28x28", or "3x32x32" (channels, height, width) where there is more than one channel.
std::string to_string(const Shape& shape);

/// What to_string() writes, or all three numbers: "1x28x28". Nothing for any other text, a side of
/// 0, or a shape of more than 2^31 - 1 values.
std::optional<Shape> parse_shape(std::string_view text);

}  // namespace mnist
