#include "base/base64.h"

#include <string_view>

#include "catch.h"

namespace {

std::string encoded(std::string_view text) {
  return mnist::base64(std::as_bytes(std::span(text.data(), text.size())));
}

}  // namespace

TEST_CASE("base: base64 gives the examples of RFC 4648") {
  CHECK(encoded("").empty());
  CHECK(encoded("f") == "Zg==");
  CHECK(encoded("fo") == "Zm8=");
  CHECK(encoded("foo") == "Zm9v");
  CHECK(encoded("foob") == "Zm9vYg==");
  CHECK(encoded("fooba") == "Zm9vYmE=");
  CHECK(encoded("foobar") == "Zm9vYmFy");
}

TEST_CASE("base: base64 takes bytes of any value") {
  CHECK(encoded(std::string_view("\xff\xfe\x00\xfb", 4)) == "//4A+w==");
}
