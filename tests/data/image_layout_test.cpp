#include "data/image_layout.h"

#include "catch.h"

namespace mnist {
namespace {

TEST_CASE("data: an array's dimensions tell the shape of its images") {
  CHECK(image_layout({784}).shape == Shape{1, 28, 28});
  CHECK(image_layout({7}).shape == Shape{1, 1, 7});
  CHECK(image_layout({2, 3}).shape == Shape{1, 2, 3});
  CHECK(image_layout({2, 3, 1}).shape == Shape{1, 2, 3});
  CHECK(image_layout({32, 32, 3}).shape == Shape{3, 32, 32});
  CHECK(image_layout({32, 32, 3}).channels_last);
  CHECK(image_layout({3, 32, 30}).shape == Shape{3, 32, 30});
  CHECK_FALSE(image_layout({3, 32, 30}).channels_last);
  CHECK(image_layout({2, 5, 7}).shape == Shape{1, 1, 70});
}

}  // namespace
}  // namespace mnist
