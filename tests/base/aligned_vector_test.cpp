#include "base/aligned_vector.h"

#include <cstdint>

#include "catch.h"

namespace mnist {
namespace {

TEST_CASE("base: storage starts on a cache line") {
  const auto start = [](const AlignedVector<float>& v) {
    return reinterpret_cast<std::uintptr_t>(v.data());
  };
  for (const std::size_t n : {1U, 17U, 100'000U}) CHECK(start(AlignedVector<float>(n)) % 64 == 0);
  AlignedVector<float> large((2U << 20) + 1, 1.0F);
  CHECK(start(large) % 64 == 0);
  large.resize(2 * large.size());
  CHECK(large[2U << 20] == 1.0F);
  CHECK(large.back() == 0.0F);
}

}  // namespace
}  // namespace mnist
