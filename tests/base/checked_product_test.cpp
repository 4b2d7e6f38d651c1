#include "base/checked_product.h"

#include <limits>
#include <vector>

#include "catch.h"

namespace mnist {
namespace {

TEST_CASE("checked product: the product, or nothing where it does not fit") {
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  CHECK(checked_product(std::vector<std::size_t>{}) == 1);
  CHECK(checked_product({3, 5, 7}) == 105);
  CHECK(checked_product({kMost, 1}) == kMost);
  CHECK(checked_product({0, kMost, kMost}) == 0);
  CHECK_FALSE(checked_product({kMost / 2 + 1, 2}).has_value());
  // 2^64 + 689325334, which would wrap to a size that looks like one.
  CHECK_FALSE(checked_product({998995, 998995, 18483878}).has_value());
}

}  // namespace
}  // namespace mnist
