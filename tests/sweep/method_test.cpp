#include "sweep/method.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "base/error.h"
#include "catch.h"

namespace mnist {
namespace {

std::string text_of(const Point& point) {
  std::string text;
  for (const auto& [name, value] : point) text += fmt::format("{}={} ", name, value);
  return text;
}

TEST_CASE("sweep: a grid is every combination, the last parameter varying fastest") {
  const auto points = grid_points({parse_grid("a=1|2"), parse_sample("b=choice(x|y|z)")});
  REQUIRE(points.size() == 6);
  CHECK(text_of(points[0]) == "a=1 b=x ");
  CHECK(text_of(points[1]) == "a=1 b=y ");
  CHECK(text_of(points[3]) == "a=2 b=x ");
  CHECK(text_of(points[5]) == "a=2 b=z ");
}

TEST_CASE("sweep: a grid of ranges, or of more points than can be trained, is wrong usage") {
  const auto refusal = [](const Space& space) -> std::string {
    try {
      grid_points(space);
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kUsage);
      return error.what();
    }
    return "";
  };
  CHECK_THAT(refusal({parse_grid("a=1|2"), parse_sample("lr=log(1,2)")}), contains("lr"));
  const Space huge(12, parse_grid("a=0|1|2|3|4|5|6|7|8|9"));  // 10^12
  CHECK_THAT(refusal(huge), contains("1e+12") && contains("random"));
  CHECK_THROWS_AS(random_points({parse_grid("a=1|2")}, 1'000'000'000'000, 0), Error);
}

TEST_CASE("sweep: random points follow from the seed, and more of them begin with the same") {
  const Space space = {parse_sample("lr=log(1e-3,1)"), parse_sample("momentum=uniform(0.8,0.99)"),
                       parse_grid("batch-size=32|64")};
  const auto points = random_points(space, 50, 7);
  CHECK(points == random_points(space, 50, 7));
  auto more = random_points(space, 80, 7);
  more.resize(50);
  CHECK(points == more);
  CHECK(points != random_points(space, 50, 8));
  std::set<std::string> different;
  for (const Point& point : points) different.insert(text_of(point));
  CHECK(different.size() == 50);
}

// Hits of the points in each of `cells`^2 squares of the two first dimensions.
std::vector<int> hits(const std::vector<Point>& points, std::size_t cells) {
  std::vector<int> counts(cells * cells);
  for (const Point& point : points) {
    const auto cell = [&](std::size_t parameter) {
      const double place = std::stod(point[parameter].second) * static_cast<double>(cells);
      return std::min(static_cast<std::size_t>(place), cells - 1);
    };
    ++counts[cell(0) * cells + cell(1)];
  }
  return counts;
}

TEST_CASE("sweep: random points leave no hole") {
  for (const std::uint64_t seed : {0U, 1U, 2U, 3U}) {
    const Space plane = {parse_sample("a=uniform(0,1)"), parse_sample("b=uniform(0,1)")};
    const auto counts = hits(random_points(plane, 64, seed), 4);
    // Independent points would leave a square empty, or put ten there, in most draws.
    CHECK(*std::min_element(counts.begin(), counts.end()) >= 2);
    CHECK(*std::max_element(counts.begin(), counts.end()) <= 6);

    // On a line: the golden ratio's sequence leaves gaps of three lengths at most.
    std::vector<double> values;
    for (const Point& point : random_points({plane[0]}, 100, seed)) {
      values.push_back(std::stod(point[0].second));
    }
    std::sort(values.begin(), values.end());
    double widest = 0;
    for (std::size_t i = 1; i < values.size(); ++i) {
      widest = std::max(widest, values[i] - values[i - 1]);
    }
    CHECK(widest < 0.02);
  }
}

TEST_CASE("sweep: halving keeps a part of the trials for a multiple of the steps") {
  const auto rungs = halving_rungs(27, 3);
  REQUIRE(rungs.size() == 4);
  const std::array<std::size_t, 4> trials{27, 9, 3, 1};
  const std::array<std::size_t, 4> pauses{370, 1111, 3333, 10000};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(rungs[i].trials == trials[i]);
    CHECK(rungs[i].pause(10000) == pauses[i]);
  }
  CHECK(halving_rungs(20, 3).size() == 3);
  CHECK(halving_rungs(20, 3)[1].trials == 6);
  CHECK(halving_rungs(2, 3).size() == 1);
  CHECK(halving_rungs(1, 2)[0].pause(10) == 10);
  CHECK(halving_rungs(64, 2).front().pause(10) == 1);
}

}  // namespace
}  // namespace mnist
