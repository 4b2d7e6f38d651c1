#include "base/portable_math.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "catch.h"

namespace mnist {
namespace {

double off_by(double value, long double exact) {
  return static_cast<double>(std::abs((static_cast<long double>(value) - exact) / exact));
}

TEST_CASE("base: the portable exponential is exact to 1e-15") {
  double worst = 0;
  for (double x = -700; x < 700; x += 0.37) {
    worst = std::max(worst, off_by(portable::exp(x), std::exp(static_cast<long double>(x))));
  }
  CHECK(worst < 1e-15);
  CHECK(portable::exp(0) == 1);
  CHECK(portable::exp(-745) > 0);
  CHECK(portable::exp(-747) == 0);
  CHECK(portable::exp(-std::numeric_limits<double>::infinity()) == 0);
  CHECK(std::isinf(portable::exp(711)));
  CHECK(std::isnan(portable::exp(std::numeric_limits<double>::quiet_NaN())));
}

TEST_CASE("base: the portable logarithm is exact to 1e-15") {
  double worst = 0;
  for (double x = 1e-300; x < 1e300; x *= 1.37) {
    worst = std::max(worst, off_by(portable::log(x), std::log(static_cast<long double>(x))));
  }
  for (double x = 0.5; x < 2; x += 0.00037) {  // where it is small
    worst = std::max(worst, off_by(portable::log(x), std::log(static_cast<long double>(x))));
  }
  CHECK(worst < 1e-15);
  CHECK(portable::log(1) == 0);
  CHECK(portable::log(0x1p-32) == Approx(-32 * std::numbers::ln2).epsilon(1e-15));
}

TEST_CASE("base: portable powers are exact to 1e-15 for each unit of their logarithm") {
  for (const double base : {0.1, 0.9, 0.999, 1.0, 3.0}) {
    for (const double exponent : {0.0, 0.5, 1.0, 7.0, 200.0}) {
      const auto exact = std::pow(static_cast<long double>(base), exponent);
      INFO(base << "^" << exponent);
      CHECK(off_by(portable::pow(base, exponent), exact) <=
            1e-15 * (1 + std::abs(exponent * std::log(base))));
    }
  }
  CHECK(portable::pow(0, 0) == 1);
  CHECK(portable::pow(0, 3) == 0);
  CHECK(portable::pow(0.9, 1e9) == 0);
}

TEST_CASE("base: portable sines and cosines are exact to 1e-15, and exact at quarters of a turn") {
  double worst = 0;
  for (double turns = -3; turns < 3; turns += 0.000731) {
    const long double angle = 2 * std::numbers::pi_v<long double> * turns;
    const auto [sine, cosine] = portable::sine_and_cosine(turns);
    worst = std::max({worst, std::abs(static_cast<double>(sine - std::sin(angle))),
                      std::abs(static_cast<double>(cosine - std::cos(angle)))});
  }
  CHECK(worst < 1e-15);
  const auto at = [](double turns, double sine, double cosine) {
    const portable::SineAndCosine both = portable::sine_and_cosine(turns);
    return both.sine == sine && both.cosine == cosine;
  };
  CHECK(at(0, 0, 1));
  CHECK(at(0.25, 1, 0));
  CHECK(at(0.5, 0, -1));
  CHECK(at(-0.25, -1, 0));
  CHECK(at(1e6, 0, 1));
}

}  // namespace
}  // namespace mnist
