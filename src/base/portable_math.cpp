#include "base/portable_math.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>

namespace mnist::portable {
namespace {

// ln 2 in two parts (Cody-Waite): the high part has few bits, so its integer multiples are exact.
constexpr double kLn2High = 6.93147180369123816490e-01;
constexpr double kLn2Low = 1.90821492927058770002e-10;

// 1 / (n (n + 1)): the ratio of consecutive Taylor terms, without -x²; even n belong to the sine,
// odd n to the cosine.
constexpr std::array<double, 19> kSteps = [] {
  std::array<double, 19> steps{};
  for (std::size_t n = 1; n < steps.size(); ++n) steps[n] = 1 / static_cast<double>(n * (n + 1));
  return steps;
}();

}  // namespace

double exp(double x) {
  if (std::isnan(x)) return x;
  // Outside these bounds the result overflows, or rounds to 0.
  if (x > 710) return std::numeric_limits<double>::infinity();
  if (x < -746) return 0;
  const double whole = std::floor(x * std::numbers::log2e + 0.5);
  const double r = (x - whole * kLn2High) - whole * kLn2Low;
  // Taylor series; |r| is at most 0.35.
  double sum = 1;
  for (int k = 14; k > 0; --k) sum = 1 + sum * r / k;
  return std::ldexp(sum, static_cast<int>(whole));
}

double log(double x) {
  int exponent = 0;
  double m = std::frexp(x, &exponent);
  if (m < std::numbers::sqrt2 / 2) {
    m *= 2;
    --exponent;
  }
  // ln m = 2 artanh s = 2 (s + s³/3 + s⁵/5 + ...); s² is at most 0.03.
  const double s = (m - 1) / (m + 1);
  const double z = s * s;
  double series = 0;
  for (int k = 21; k > 1; k -= 2) series = (series + 1.0 / k) * z;
  return exponent * kLn2High + (2 * (s + s * series) + exponent * kLn2Low);
}

double pow(double base, double exponent) {
  if (exponent == 0) return 1;
  return base == 0 ? 0 : exp(exponent * log(base));
}

SineAndCosine sine_and_cosine(double turns) {
  // Range reduction: a whole number of quarter turns, and a rest of at most an eighth of a turn.
  // The subtraction is exact.
  const double quarters = std::floor(4 * turns + 0.5);
  const double x = 2 * std::numbers::pi * (turns - quarters / 4);
  const double z = x * x;
  double sine = 1;
  double cosine = 1;
  for (std::size_t n = kSteps.size() - 1; n > 0; n -= 2) {
    sine = 1 - sine * (z * kSteps[n]);
    cosine = 1 - cosine * (z * kSteps[n - 1]);
  }
  sine *= x;
  switch (static_cast<int>(quarters - 4 * std::floor(quarters / 4))) {
    case 0:
      return {sine, cosine};
    case 1:
      return {cosine, -sine};
    case 2:
      return {-sine, -cosine};
    default:
      return {-cosine, sine};
  }
}

}  // namespace mnist::portable
