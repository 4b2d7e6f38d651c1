#include "base/shape.h"

#include "catch.h"

namespace mnist {
namespace {

TEST_CASE("base: a shape is written as it is read") {
  CHECK(parse_shape("28x28") == Shape{1, 28, 28});
  CHECK(parse_shape("1x8x6") == Shape{1, 8, 6});
  CHECK(parse_shape("3x32x24") == Shape{3, 32, 24});
  CHECK(to_string({1, 28, 20}) == "28x20");
  CHECK(to_string({3, 32, 24}) == "3x32x24");
  CHECK(parse_shape("3x32x24")->size() == 3 * 32 * 24);
}

TEST_CASE("base: what is no shape is not read as one") {
  for (const char* text : {"", "28", "x28", "28x", "0x28", "28x0", "-1x28", "1x2x3x4", "28X28",
                           "2.5x3", "65536x65536", "4294967296x4294967296x1"}) {
    INFO(text);
    CHECK_FALSE(parse_shape(text));
  }
}

}  // namespace
}  // namespace mnist
