#include "base/comma_list.h"

#include "catch.h"

TEST_CASE("base: a list is split at its commas and loses the blanks around its entries") {
  using Entries = std::vector<std::string_view>;
  CHECK(mnist::split_at_commas("") == Entries{""});
  CHECK(mnist::split_at_commas("a") == Entries{"a"});
  CHECK(mnist::split_at_commas(" a b , c,,") == Entries{"a b", "c", "", ""});
}
