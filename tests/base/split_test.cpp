#include "base/split.h"

#include "catch.h"

TEST_CASE("base: a list is split at its separators and loses the blanks around its entries") {
  using Entries = std::vector<std::string_view>;
  CHECK(mnist::split("", ',') == Entries{""});
  CHECK(mnist::split("a", ',') == Entries{"a"});
  CHECK(mnist::split(" a b , c,,", ',') == Entries{"a b", "c", "", ""});
  CHECK(mnist::split("a,b | c", '|') == Entries{"a,b", "c"});
  CHECK(mnist::trimmed(" \ta ") == "\ta");
  CHECK(mnist::trimmed(" \ta b\t", " \t") == "a b");
  CHECK(mnist::trimmed(" \t ", " \t").empty());
}
