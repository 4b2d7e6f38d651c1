#include "base/random.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "catch.h"

namespace mnist {
namespace {

using Counter = std::array<std::uint32_t, 4>;
using Key = std::array<std::uint32_t, 2>;

std::vector<std::uint32_t> first_numbers(RandomStream stream, std::size_t count) {
  std::vector<std::uint32_t> numbers(count);
  std::generate(numbers.begin(), numbers.end(), [&] { return stream.next(); });
  return numbers;
}

/// χ² of `counts` against equal expectations, as a standard normal deviate (Wilson and Hilferty
/// 1931): beyond ±5 once in two million.
double chi_square_deviate(const std::vector<std::size_t>& counts) {
  double total = 0;
  for (std::size_t count : counts) total += static_cast<double>(count);
  const double expected = total / static_cast<double>(counts.size());
  double chi_square = 0;
  for (std::size_t count : counts) {
    const double difference = static_cast<double>(count) - expected;
    chi_square += difference * difference / expected;
  }
  const double freedom = static_cast<double>(counts.size() - 1);
  const double spread = 2 / (9 * freedom);
  return (std::cbrt(chi_square / freedom) - (1 - spread)) / std::sqrt(spread);
}

TEST_CASE("base: Philox4x32-10 gives the known answers of Random123") {
  CHECK(philox4x32(Counter{0, 0, 0, 0}, Key{0, 0}) ==
        Counter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox4x32(Counter{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
                   Key{0xffffffff, 0xffffffff}) ==
        Counter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32(Counter{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                   Key{0xa4093822, 0x299f31d0}) ==
        Counter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("base: a stream is Philox over (position, purpose, index) keyed by the seed") {
  RandomStream stream(0x0123456789abcdef, RandomPurpose::kShuffle, 0xfedcba9876543210);
  for (std::uint32_t position = 0; position < 3; ++position) {
    const Counter expected = philox4x32(
        {position, static_cast<std::uint32_t>(RandomPurpose::kShuffle), 0x76543210, 0xfedcba98},
        {0x89abcdef, 0x01234567});
    for (std::uint32_t word : expected) CHECK(stream.next() == word);
  }
}

TEST_CASE("base: seeds, purposes and indices give different numbers, equal ones the same") {
  const auto numbers = [](std::uint64_t seed, RandomPurpose purpose, std::uint64_t index) {
    return first_numbers(RandomStream(seed, purpose, index), 64);
  };
  CHECK(numbers(1, RandomPurpose::kSplit, 2) == numbers(1, RandomPurpose::kSplit, 2));

  const std::uint64_t beyond_32_bits = 1ULL << 32;
  std::set<std::uint32_t> distinct;
  std::size_t drawn = 0;
  for (std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, beyond_32_bits}) {
    for (RandomPurpose purpose : {RandomPurpose::kInitialWeights, RandomPurpose::kSplit,
                                  RandomPurpose::kShuffle, RandomPurpose::kSweep}) {
      for (std::uint64_t index : {std::uint64_t{0}, std::uint64_t{1}, beyond_32_bits}) {
        const auto sample = numbers(seed, purpose, index);
        distinct.insert(sample.begin(), sample.end());
        drawn += sample.size();
      }
    }
  }
  // 36 · 64 = 2,304 independent 32-bit numbers: two equal ones are a matter of 1 in 1,600.
  CHECK(distinct.size() + 1 >= drawn);
}

TEST_CASE("base: below stays below its bound and is uniform") {
  RandomStream stream(7, RandomPurpose::kDraw, 0);
  for (std::uint32_t bound : {1U, 2U, 10U, 1000U, 3U << 30, 0xffffffffU}) {
    const std::uint32_t cells = std::min(bound, 10U);
    std::vector<std::size_t> counts(cells);
    bool all_below = true;
    for (std::size_t draw = 0; draw < 120'000 && all_below; ++draw) {
      const std::uint32_t value = stream.below(bound);
      all_below = value < bound;
      if (all_below) ++counts[std::uint64_t{value} * cells / bound];
    }
    CAPTURE(bound);
    CHECK(all_below);
    if (cells > 1) CHECK(std::abs(chi_square_deviate(counts)) < 5);
  }
}

TEST_CASE("base: below of a large bound has no favourites") {
  // Without rejection every third value of 3 · 2^30 would come twice as often as the others.
  RandomStream stream(8, RandomPurpose::kDraw, 0);
  std::vector<std::size_t> counts(3);
  for (std::size_t draw = 0; draw < 90'000; ++draw) ++counts[stream.below(3U << 30) % 3];
  CHECK(std::abs(chi_square_deviate(counts)) < 5);
}

TEST_CASE("base: uniform lies between 0 and 1, on multiples of 2^-24, evenly spread") {
  RandomStream stream(3, RandomPurpose::kDropout, 1);
  constexpr std::size_t kDraws = 200'000;
  std::vector<std::size_t> counts(64);
  double sum = 0;
  double sum_of_squares = 0;
  bool well_formed = true;
  for (std::size_t draw = 0; draw < kDraws; ++draw) {
    const float value = stream.uniform();
    const float scaled = value * 0x1p24F;
    well_formed = well_formed && value >= 0 && value < 1 && scaled == std::floor(scaled);
    if (!well_formed) break;
    ++counts[static_cast<std::size_t>(value * 64)];
    sum += value;
    sum_of_squares += static_cast<double>(value) * value;
  }
  REQUIRE(well_formed);
  const double mean = sum / kDraws;
  const double variance = sum_of_squares / kDraws - mean * mean;
  // Five standard errors: √(1/12 / n) of the mean, √(1/180 / n) of the variance.
  CHECK(std::abs(mean - 0.5) < 5 * std::sqrt(1.0 / 12 / kDraws));
  CHECK(std::abs(variance - 1.0 / 12) < 5 * std::sqrt(1.0 / 180 / kDraws));
  CHECK(std::abs(chi_square_deviate(counts)) < 5);
}

TEST_CASE("base: normal has the normal distribution's moments and quantiles") {
  RandomStream stream(4, RandomPurpose::kInitialWeights, 2);
  constexpr std::size_t kDraws = 200'000;
  std::vector<std::size_t> counts(50);
  double moments[5] = {};
  double lag_product = 0;  // of each pair that shares a radius
  double previous = 0;
  for (std::size_t draw = 0; draw < kDraws; ++draw) {
    const double value = static_cast<double>(stream.normal());
    double power = 1;
    for (double& moment : moments) {
      moment += power / kDraws;
      power *= value;
    }
    if (draw % 2 == 1) lag_product += value * previous;
    previous = value;
    const double cumulative = 0.5 * std::erfc(-value / std::sqrt(2.0));
    ++counts[std::min<std::size_t>(49, static_cast<std::size_t>(cumulative * 50))];
  }
  // Five standard errors each; a moment's variance is E x^2k - (E x^k)^2.
  const double unit = 5 / std::sqrt(double{kDraws});
  CHECK(std::abs(moments[1]) < unit);
  CHECK(std::abs(moments[2] - 1) < unit * std::sqrt(2.0));
  CHECK(std::abs(moments[3]) < unit * std::sqrt(15.0));
  CHECK(std::abs(moments[4] - 3) < unit * std::sqrt(96.0));
  CHECK(std::abs(lag_product * 2 / kDraws) < unit * std::sqrt(2.0));
  CHECK(std::abs(chi_square_deviate(counts)) < 5);
}

TEST_CASE("base: neighbouring indices are uncorrelated") {
  constexpr std::size_t kStreams = 20'000;
  double product = 0;
  double previous = 0;
  for (std::size_t index = 0; index < kStreams; ++index) {
    const double value =
        static_cast<double>(RandomStream(5, RandomPurpose::kAugmentation, index).uniform()) - 0.5;
    product += value * previous;
    previous = value;
  }
  CHECK(std::abs(product / kStreams) * 12 < 5 / std::sqrt(double{kStreams}));
}

}  // namespace
}  // namespace mnist
