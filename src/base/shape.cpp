#include "base/shape.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "base/number.h"
#include "base/split.h"

namespace mnist {

std::string to_string(const Shape& shape) {
  const std::string plane = fmt::format("{}x{}", shape.height, shape.width);
  return shape.channels == 1 ? plane : fmt::format("{}x{}", shape.channels, plane);
}

std::optional<Shape> parse_shape(std::string_view text) {
  std::vector<std::size_t> sides;
  std::size_t size = 1;
  for (const std::string_view side : split(text, 'x')) {
    const std::optional<std::size_t> value = read_number<std::size_t>(side);
    if (!value || *value == 0 || *value > std::numeric_limits<std::int32_t>::max() / size) {
      return std::nullopt;
    }
    size *= *value;
    sides.push_back(*value);
  }
  if (sides.size() == 2) sides.insert(sides.begin(), 1);
  if (sides.size() != 3) return std::nullopt;
  return Shape{sides[0], sides[1], sides[2]};
}

}  // namespace mnist
