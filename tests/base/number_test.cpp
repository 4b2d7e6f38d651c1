#include "base/number.h"

#include <cstddef>

#include "catch.h"

namespace mnist {
namespace {

TEST_CASE("base: a number is read where it is all of the text") {
  CHECK(read_number<std::size_t>("12") == std::size_t{12});
  CHECK(read_number<double>("-1e-3") == -1e-3);
  for (const char* text : {"", "x", "1x", " 1", "1 ", "-1", "1.5"}) {
    INFO(text);
    CHECK_FALSE(read_number<std::size_t>(text));
  }
  CHECK_FALSE(read_number<unsigned char>("256"));
}

}  // namespace
}  // namespace mnist
