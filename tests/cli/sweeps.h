// What tests of sweeps share: data, a search that takes a while, and the table that it ends in.
#pragma once

#include <string>
#include <vector>

#include "cli/sandbox.h"

namespace mnist::testing {

/// A directory with train.csv and test.csv.
class SmallData : public Sandbox {
 public:
  SmallData() {
    write_images("train.csv", 200, 1);
    write_images("test.csv", 80, 2);
  }
};

/// Flags of trials that can be caught in the middle: a hundred thousand of their steps take about
/// half a second of one core.
inline std::string slow_trials(std::size_t steps) {
  return "--train-data train.csv --test-data test.csv --validation 60 --layers 32,relu,32,relu "
         "--batch-size 20 --checkpoint-every 300 --steps " +
         std::to_string(steps) + " ";
}

/// The rows of a sweep's trials.csv without their seconds, the last column but one.
std::vector<std::string> sweep_rows(const Sandbox& box, const std::string& sweep);

/// Whether all that a shell script calls is there; else warns that the test is skipped for want of
/// `packages`.
bool has_programs(const std::string& programs, const std::string& packages);

}  // namespace mnist::testing
