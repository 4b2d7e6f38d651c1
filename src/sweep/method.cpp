#include "sweep/method.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/portable_math.h"
#include "base/random.h"

namespace mnist {
namespace {

constexpr std::size_t kMostTrials = 100'000;

// The positive root of x^(dimensions + 1) = x + 1, by fixed-point iteration.
double generalised_golden_ratio(std::size_t dimensions) {
  const double exponent = 1.0 / static_cast<double>(dimensions + 1);
  double x = 2;
  for (int i = 0; i < 100; ++i) x = portable::pow(1 + x, exponent);
  return x;
}

double fraction(double x) { return x - std::floor(x); }

void check_count(double count, const char* hint) {
  if (count <= static_cast<double>(kMostTrials)) return;
  refuse(fmt::format("{:.3g} trials are more than {}; {}", count, kMostTrials, hint));
}

}  // namespace

std::vector<Point> grid_points(const Space& space) {
  double count = 1;
  for (const Hyperparameter& parameter : space) {
    if (parameter.kind != Hyperparameter::Kind::kValues) {
      refuse(fmt::format("a grid has no ranges, but {} is {}; list its values, or search at random",
                         parameter.name, sample_text(parameter)));
    }
    count *= static_cast<double>(parameter.values.size());
  }
  check_count(count, "list fewer values, or search at random");
  std::vector<Point> points{{}};
  for (const Hyperparameter& parameter : space) {
    std::vector<Point> longer;
    longer.reserve(points.size() * parameter.values.size());
    for (const Point& point : points) {
      for (const std::string& value : parameter.values) {
        longer.push_back(point);
        longer.back().emplace_back(parameter.name, value);
      }
    }
    points = std::move(longer);
  }
  return points;
}

std::vector<Point> random_points(const Space& space, std::size_t count, std::uint64_t seed) {
  check_count(static_cast<double>(count), "try fewer");
  const double ratio = generalised_golden_ratio(space.size());
  std::vector<double> shift;
  std::vector<double> step;
  for (std::size_t d = 0; d < space.size(); ++d) {
    shift.push_back(RandomStream(seed, RandomPurpose::kSweep, d).next() * 0x1p-32);
    step.push_back(1 / portable::pow(ratio, static_cast<double>(d + 1)));
  }
  std::vector<Point> points(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t d = 0; d < space.size(); ++d) {
      const double u = fraction(shift[d] + static_cast<double>(i + 1) * step[d]);
      points[i].emplace_back(space[d].name, value_at(space[d], u));
    }
  }
  return points;
}

std::size_t Rung::pause(std::size_t steps) const {
  return std::max<std::size_t>(1, steps / divisor);
}

std::vector<Rung> halving_rungs(std::size_t trials, std::size_t reduction) {
  std::vector<Rung> rungs;
  for (std::size_t left = trials; left > 0; left /= reduction) rungs.push_back({left});
  for (std::size_t i = rungs.size() - 1; i > 0; --i) {
    rungs[i - 1].divisor = rungs[i].divisor * reduction;
  }
  return rungs;
}

}  // namespace mnist
