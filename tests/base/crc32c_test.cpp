#include "base/crc32c.h"

#include <string>

#include "catch.h"

TEST_CASE("base: CRC-32C of the examples in RFC 3720, appendix B.4") {
  CHECK(mnist::crc32c("") == 0);
  CHECK(mnist::crc32c(std::string(32, '\0')) == 0x8A9136AAU);
  CHECK(mnist::crc32c(std::string(32, '\xFF')) == 0x62A8AB43U);
  std::string rising;
  for (char c = 0; c < 32; ++c) rising += c;
  CHECK(mnist::crc32c(rising) == 0x46DD794EU);
  CHECK(mnist::crc32c(std::string(rising.rbegin(), rising.rend())) == 0x113FDB5CU);
}
