#include "base/shape.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "base/checked_product.h"
#include "base/number.h"
#include "base/split.h"

namespace mnist {

constexpr std::size_t kMostValues = std::numeric_limits<std::int32_t>::max();

std::string to_string(const Shape& shape) {
  const std::string plane = fmt::format("{}x{}", shape.height, shape.width);
  return shape.channels == 1 ? plane : fmt::format("{}x{}", shape.channels, plane);
}

std::optional<Shape> parse_shape(std::string_view text) {
  std::vector<std::size_t> sides;
  for (const std::string_view side : split(text, 'x')) {
    const std::optional<std::size_t> value = read_number<std::size_t>(side);
    if (!value) return std::nullopt;
    sides.push_back(*value);
  }
  if (sides.size() == 2) sides.insert(sides.begin(), 1);
  const auto size = checked_product(sides);
  if (sides.size() != 3 || !size || *size == 0 || *size > kMostValues) return std::nullopt;
  return Shape{sides[0], sides[1], sides[2]};
}

}  // namespace mnist
