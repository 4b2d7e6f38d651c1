#include "data/value_summary.h"

#include <vector>

#include "catch.h"

namespace mnist {
namespace {

TEST_CASE("data: a summary tells range, mean and the ground of images") {
  const Shape shape{1, 3, 4};
  std::vector<std::uint8_t> light(24, 255);
  light[5] = light[6] = 0;  // inside the first image
  ValueSummary bytes;
  add_rows(bytes, shape, std::span<const std::uint8_t>(light));
  CHECK(bytes.lowest == 0);
  CHECK(bytes.highest == 255);
  CHECK(bytes.mean() == 22.0 * 255 / 24);
  CHECK(bytes.border_count == 20);
  CHECK(bytes.light_ground() == true);
  CHECK(bytes.whole);

  ValueSummary floats;
  const std::vector<float> values{0, 0, 0, 0, 0, 1, 0.5F, 0, 0, 0, 0, 0};
  add_rows(floats, shape, std::span<const float>(values));
  CHECK(floats.light_ground() == false);
  CHECK_FALSE(floats.whole);
  add_summary(floats, bytes);
  CHECK(floats.highest == 255);
  CHECK(floats.count == 36);
  CHECK_FALSE(floats.whole);
}

TEST_CASE("data: what is no image, or of one value alone, has no ground") {
  ValueSummary line;
  const std::vector<std::uint8_t> bytes{0, 255, 255, 0};
  add_rows(line, {1, 1, 4}, std::span<const std::uint8_t>(bytes));
  CHECK_FALSE(line.light_ground());
  ValueSummary flat;
  const std::vector<std::uint8_t> black(9, 0);
  add_rows(flat, {1, 3, 3}, std::span<const std::uint8_t>(black));
  CHECK_FALSE(flat.light_ground());
  CHECK(ValueSummary{}.empty());
}

}  // namespace
}  // namespace mnist
