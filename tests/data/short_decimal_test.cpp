#include "data/short_decimal.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cstdint>
#include <random>
#include <string>

#include "catch.h"

namespace mnist {
namespace {

// Whether the text is read as std::from_chars reads it, or left to it.
bool agrees(const std::string& text) {
  const std::string padded = text + ";" + std::string(8, '\0');
  float expected = 0;
  std::from_chars(text.data(), text.data() + text.size(), expected);
  float value = 0;
  const char* const end = read_short_decimal(padded.data(), &value);
  if (end == nullptr) return true;
  return end == padded.data() + text.size() &&
         std::bit_cast<std::uint32_t>(value) == std::bit_cast<std::uint32_t>(expected);
}

bool is_read(const std::string& text) {
  const std::string padded = text + ";" + std::string(8, '\0');
  float value = 0;
  return read_short_decimal(padded.data(), &value) != nullptr;
}

TEST_CASE("data: short decimals round as from_chars does") {
  std::mt19937_64 random(1);
  std::size_t wrong = 0;
  for (int i = 0; i < 200000; ++i) {
    const std::uint64_t bits = random();
    const auto whole = static_cast<std::int64_t>(bits % 1000) - 500;
    const double unit = static_cast<double>(bits >> 11) * 0x1p-53;
    const float small = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    const auto byte = static_cast<double>(bits % 256);
    // The middle of two floats, and what lies just beside it.
    const double middle = static_cast<double>((bits >> 40) | 0x800000) + 0.5;
    for (const std::string& text :
         {fmt::format("{}", byte / 255), fmt::format("{}", byte / 255 * 2 - 1),
          fmt::format("{}.{}", whole, bits % 100000), fmt::format("{}", unit),
          fmt::format("{:.18e}", unit * 300), fmt::format("{:.3f}", unit),
          fmt::format("{:.7e}", small), fmt::format("{}", middle),
          fmt::format("{}0000000001", middle), fmt::format("{}", middle / 1024),
          std::to_string(bits)}) {
      wrong += agrees(text) ? 0U : 1U;
      if (wrong > 0) FAIL(text);
    }
  }
  for (const char* text : {"0", "-0.0", "0.0", "1", "255", "0.00392156862745098", "1e3", "1E-5",
                           "12345678.25", "0.1234567890123456789"}) {
    INFO(text);
    CHECK(agrees(text));
    CHECK(is_read(text));
  }
}

TEST_CASE("data: numbers that are not plain are left to from_chars") {
  for (const char* text :
       {"", "-", ".5", "5.", "+5", "nan", "inf", "e5", "1e", "1e-", "1e4000",
        "12345678901234567890", "0.12345678901234567890", "16777217", "1e-40", "1e39"}) {
    INFO(text);
    CHECK(agrees(text));
    CHECK_FALSE(is_read(text));
  }
}

}  // namespace
}  // namespace mnist
