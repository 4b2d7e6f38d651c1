// Which points of a space a sweep tries, and how long.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sweep/space.h"

namespace mnist {

enum class SweepMethod {
  kGrid,     // every combination of values
  kRandom,   // points spread evenly over the space
  kHalving,  // the same points, of which the worse ones are given up early
};

/// Every combination, the last parameter varying fastest. Throws Error(kUsage) where a parameter is
/// a range or where there are more combinations than anyone would train.
std::vector<Point> grid_points(const Space& space);

/// The first `count` points of a low-discrepancy sequence, so that more of them begin with the
/// same: the generalised golden ratio (M. Roberts, "The unreasonable effectiveness of quasirandom
/// sequences", 2018), shifted at random modulo 1 (Cranley and Patterson, "Randomization of number
/// theoretic methods for multiple integration", SIAM J. Numer. Anal. 13, 1976).
std::vector<Point> random_points(const Space& space, std::size_t count, std::uint64_t seed);

/// A stage of successive halving: so many trials are trained up to 1/`divisor` of their steps.
struct Rung {
  std::size_t trials = 0;
  std::size_t divisor = 1;

  /// Where a run of `steps` steps pauses.
  std::size_t pause(std::size_t steps) const;
};

/// Successive halving (Jamieson and Talwalkar, "Non-stochastic best arm identification and
/// hyperparameter optimization", AISTATS 2016) of `trials` trials: each rung keeps 1/`reduction` of
/// them and trains them `reduction` times as far, until one is left or trained in full.
std::vector<Rung> halving_rungs(std::size_t trials, std::size_t reduction);

}  // namespace mnist
