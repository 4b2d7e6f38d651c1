#include "base/huge_pages.h"

#include <algorithm>

#include "catch.h"

namespace mnist {
namespace {

TEST_CASE("base: reserving on huge pages keeps what is there and makes room without moving it") {
  for (const std::size_t size : {0UL, 10UL, 5UL << 20}) {
    std::vector<std::uint8_t> bytes{1, 2, 3};
    reserve_on_huge_pages(bytes, size);
    CHECK(bytes == std::vector<std::uint8_t>{1, 2, 3});
    CHECK(bytes.capacity() >= size);
    const std::uint8_t* place = bytes.data();
    bytes.resize(std::max<std::size_t>(size, 3));
    CHECK(bytes.data() == place);
    reserve_on_huge_pages(bytes, size);
    CHECK(bytes.data() == place);
  }
}

}  // namespace
}  // namespace mnist
