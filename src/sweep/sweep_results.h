// What came of the trials of a sweep: their figures, ranked, and as trials.csv.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sweep/trial.h"

namespace mnist {

enum class Metric { kValidationAccuracy, kValidationLoss };

/// Its name, which is also its column of trials.csv.
std::string_view name_of(Metric metric);
/// Whether `a` is a better value than `b`.
bool better(Metric metric, double a, double b);
/// Mean and sample standard deviation over the runs of a trial.
struct Score {
  double mean = 0;
  std::optional<double> deviation;  // of two runs or more
};
Score score(Metric metric, std::span<const ValidationRecord* const> runs);

struct TrialResult {
  enum class Status {
    kComplete,
    kStopped,    // given up early by successive halving
    kCollapsed,  // one of its runs did
  };
  const Trial* trial = nullptr;
  Status status = Status::kComplete;
  std::optional<Score> score;  // where none of its runs collapsed
  std::size_t steps = 0;       // of all its runs
  double seconds = 0;
};

/// The result of a trial from the records of its runs; none as long as one of them has not ended.
std::optional<TrialResult> trial_result(const Trial& trial, std::span<const RunRecord> runs,
                                        Metric metric);

/// The results in `sweep` of all trials that have one, in their order.
std::vector<TrialResult> read_results(const std::filesystem::path& sweep,
                                      std::span<const Trial> trials, std::size_t seeds,
                                      Metric metric);

/// The best first: trained in full before given up, and the longer trained before the others.
/// Collapsed trials are left out; equals keep their order.
std::vector<TrialResult> ranked(std::span<const TrialResult> results, Metric metric);

/// One row a result: id, each parameter, the metric's mean and its deviation, steps, seconds,
/// status. `parameters` are those of the space.
std::string trials_csv(std::span<const TrialResult> results, const Space& parameters,
                       Metric metric);

/// "complete", "stopped" or "collapsed".
std::string_view name_of(TrialResult::Status status);

}  // namespace mnist
