// Search methods: which points of the space a sweep tries, and for how many steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sweep/space.h"

namespace mnist {

enum class SweepMethod {
  kGrid,     // every combination of values
  kRandom,   // points of a low-discrepancy sequence
  kHalving,  // the same points; bad ones are stopped early
};

/// Every combination; the last parameter varies fastest. Throws Error(kUsage) if a parameter is a
/// range, or for more than 100,000 combinations.
std::vector<Point> grid_points(const Space& space);

/// The first `count` points of a low-discrepancy sequence; a larger count only appends points. The
/// sequence is that of the generalised golden ratio (M. Roberts, "The unreasonable effectiveness of
/// quasirandom sequences", 2018) with a random shift modulo 1 (Cranley and Patterson,
/// "Randomization of number theoretic methods for multiple integration", SIAM J. Numer. Anal. 13,
/// 1976).
std::vector<Point> random_points(const Space& space, std::size_t count, std::uint64_t seed);

/// A stage of successive halving: `trials` trials are trained up to 1/`divisor` of their steps.
struct Rung {
  std::size_t trials = 0;
  std::size_t divisor = 1;

  /// The step at which a run of `steps` steps pauses.
  std::size_t pause(std::size_t steps) const;
};

/// Successive halving (Jamieson and Talwalkar, "Non-stochastic best arm identification and
/// hyperparameter optimization", AISTATS 2016). Each rung keeps the best 1/`reduction` of the
/// trials and trains them `reduction` times as long; the last rung trains in full. `reduction` is
/// at least 2.
std::vector<Rung> halving_rungs(std::size_t trials, std::size_t reduction);

}  // namespace mnist
