// Catch2 in its 2.x or 3.x header layout.
#pragma once

#include <string>

#ifdef MNIST_CATCH2_V2
#include <catch2/catch.hpp>
#else
#include <catch2/catch_all.hpp>
using Catch::Approx;
#endif

namespace mnist {

/// Matches a text that holds `part`.
inline auto contains(const std::string& part) {
#ifdef MNIST_CATCH2_V2
  return Catch::Matchers::Contains(part);
#else
  return Catch::Matchers::ContainsSubstring(part);
#endif
}

}  // namespace mnist
