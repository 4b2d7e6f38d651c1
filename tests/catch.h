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

#ifdef MNIST_CATCH2_V2
/// Whether the test at hand has asked to be skipped; catch_main.cc counts those.
inline bool test_is_skipped = false;
#endif

/// Has the test at hand reported as skipped, unless one of its assertions fails. The test ends
/// here or, under Catch2 2, where it returns; so it returns at once. A program that skipped all of
/// its tests exits with 4.
inline void skip_test(const std::string& reason) {
#ifdef MNIST_CATCH2_V2
  test_is_skipped = true;
  WARN("test skipped: " << reason);
#else
  SKIP(reason);
#endif
}

}  // namespace mnist
