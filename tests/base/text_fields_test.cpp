#include "base/text_fields.h"

#include "catch.h"

namespace mnist {
namespace {

using Fields = std::vector<std::string>;

Fields split(char separator, const std::string& line) {
  FieldSplitter splitter(separator);
  const auto& fields = splitter.split(line);
  return {fields.begin(), fields.end()};
}

TEST_CASE("base: a line's fields, padded and quoted") {
  CHECK(split(',', "a,b") == Fields{"a", "b"});
  CHECK(split(',', " a ,\tb ") == Fields{"a", "b"});
  CHECK(split(',', "a,,") == Fields{"a", "", ""});
  CHECK(split(',', "") == Fields{""});
  CHECK(split(',', R"("a, b" , "say ""x""",c)") == Fields{"a, b", R"(say "x")", "c"});
  CHECK(split(',', R"("open,b)") == Fields{"open,b"});
  CHECK(split(',', R"(a"b,"")") == Fields{R"(a"b)", ""});
  CHECK(split(';', "1,5;2") == Fields{"1,5", "2"});
  CHECK(split('\t', "a b\t\tc") == Fields{"a b", "", "c"});
  CHECK(split(' ', "  1 \t 2  ") == Fields{"1", "2"});
}

TEST_CASE("base: a line can end inside of quotation marks") {
  FieldSplitter splitter(',');
  splitter.split(R"(1,"a)");
  CHECK(splitter.open());
  splitter.split(R"(1,"a")");
  CHECK_FALSE(splitter.open());
  splitter.split(R"("a""",5")");
  CHECK_FALSE(splitter.open());
}

TEST_CASE("base: numbers as people write them") {
  for (const char* five : {"5", "5.0", "5e0", "+5", "0.5e1", "5."}) CHECK(read_decimal(five) == 5);
  CHECK(read_decimal("0,5", true) == 0.5);
  CHECK(read_decimal("-1.5") == -1.5);
  for (const char* none : {"", "x", "5x", "nan", "inf", "0,5", "1e999", "+-5", " 5", "1,2,3"}) {
    CHECK_FALSE(read_decimal(none));
  }
}

TEST_CASE("base: a field in a message is short and printable") {
  CHECK(shown_field("abc") == "'abc'");
  CHECK(shown_field("\a\xFF") == "'?\?'");
  CHECK(shown_field("caf\u00e9\t") == "'caf\u00e9?'");
  CHECK(shown_field(std::string(19, '9') + "\u00e9") == "'9999999999999999999...'");
  CHECK(shown_field(std::string(99, '9')) == "'99999999999999999999...'");
}

}  // namespace
}  // namespace mnist
