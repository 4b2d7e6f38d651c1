#include "base/csv_field.h"

#include "catch.h"

TEST_CASE("base: a field of a CSV row stands in quotation marks where it needs them") {
  CHECK(mnist::csv_field("relu 50") == "relu 50");
  CHECK(mnist::csv_field("50,relu") == "\"50,relu\"");
  CHECK(mnist::csv_field("a \"b\"") == "\"a \"\"b\"\"\"");
  CHECK(mnist::csv_field("two\nlines") == "\"two\nlines\"");
}
