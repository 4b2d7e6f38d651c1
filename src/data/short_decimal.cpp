// The digits form an integer, which is divided or multiplied by a power of ten that a double holds
// exactly. These are two roundings, so the result is less than two units in the last place (of
// double) from the number. If no midpoint between two floats is that near, rounding the result to
// float equals rounding the number (Clinger, "How to read floating point numbers accurately",
// 1990).
#include "data/short_decimal.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

namespace mnist {
namespace {

constexpr std::size_t kMostDigits = 19;  // any number of 19 digits is below 2^64

constexpr std::array<double, 23> kPowersOfTen{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::array<std::uint64_t, 9> kWholePowers{1,      10,      100,      1000,     10000,
                                                    100000, 1000000, 10000000, 100000000};

unsigned digit(char c) { return static_cast<unsigned char>(c) - unsigned{'0'}; }

/// The number formed by eight digits. The lowest byte holds the first digit; each byte is 0 .. 9.
/// Combines pairs of digits, then pairs of these, then the halves.
std::uint64_t value_of_eight(std::uint64_t digits) {
  constexpr std::uint64_t kMask = 0x000000ff000000ff;
  digits = digits * 10 + (digits >> 8);
  return ((digits & kMask) * 0x000f424000000064 + (digits >> 16 & kMask) * 0x0000271000000001) >>
         32;
}

/// Appends the digits at `p` to `value` and returns their count, at most kMostDigits + 8. The value
/// is meaningless if that exceeds kMostDigits.
std::size_t read_digits(const char* p, std::uint64_t& value) {
  static_assert(std::endian::native == std::endian::little);
  std::size_t count = 0;
  while (count <= kMostDigits) {
    std::uint64_t text;
    std::memcpy(&text, p + count, sizeof(text));
    // A byte of `digits` is 0 .. 9 if the text has a digit there, otherwise above 9.
    const std::uint64_t digits = text ^ 0x3030303030303030;
    const std::uint64_t others =
        (((digits & 0x7f7f7f7f7f7f7f7f) + 0x7676767676767676) | digits) & 0x8080808080808080;
    const std::size_t n = others == 0 ? 8 : static_cast<std::size_t>(std::countr_zero(others)) / 8;
    if (n == 0) break;
    value = value * kWholePowers[n] + value_of_eight(digits << (64 - 8 * n));
    count += n;
    if (n < 8) break;
  }
  return count;
}

/// Reads an exponent such as "e-05" and returns the position after it, or nullptr.
const char* read_exponent(const char* p, int& exponent) {
  ++p;
  const bool negative = *p == '-';
  if (*p == '-' || *p == '+') ++p;
  int value = 0;
  const char* const begin = p;
  for (; digit(*p) <= 9 && p < begin + 4; ++p) value = 10 * value + static_cast<int>(digit(*p));
  if (p == begin || p == begin + 4) return nullptr;
  exponent = negative ? -value : value;
  return p;
}

}  // namespace

const char* read_short_decimal(const char* p, float* out) {
  const bool negative = *p == '-';
  if (negative) ++p;
  std::uint64_t digits = 0;
  std::size_t whole = 0;
  for (; digit(p[whole]) <= 9 && whole < kMostDigits; ++whole) {
    digits = 10 * digits + digit(p[whole]);
  }
  if (whole == 0 || whole == kMostDigits) return nullptr;
  p += whole;
  if (digits == 0) whole = 0;
  int exponent = 0;
  int power = 0;
  if (*p == '.') {
    const std::size_t decimals = read_digits(p + 1, digits);
    if (decimals == 0 || whole + decimals > kMostDigits) return nullptr;
    p += 1 + decimals;
    power = -static_cast<int>(decimals);
  }
  if (*p == 'e' || *p == 'E') {
    p = read_exponent(p, exponent);
    if (p == nullptr) return nullptr;
    power += exponent;
  }
  if (power < -22 || power > 22) return nullptr;
  const auto number = static_cast<double>(digits);
  const double value = power < 0 ? number / kPowersOfTen[static_cast<std::size_t>(-power)]
                                 : number * kPowersOfTen[static_cast<std::size_t>(power)];
  const bool normal = value >= std::numeric_limits<float>::min() && value < 3e38;
  if (!normal && digits != 0) return nullptr;
  // The 29 bits that a float drops, and their value at the midpoint of two floats.
  constexpr std::uint64_t kRest = (std::uint64_t{1} << 29) - 1;
  constexpr std::uint64_t kMiddle = std::uint64_t{1} << 28;
  constexpr std::uint64_t kMargin = 8;
  const std::uint64_t rest = std::bit_cast<std::uint64_t>(value) & kRest;
  if (rest + kMargin - kMiddle <= 2 * kMargin) return nullptr;
  const auto rounded = static_cast<float>(value);
  *out = negative ? -rounded : rounded;
  return p;
}

}  // namespace mnist
