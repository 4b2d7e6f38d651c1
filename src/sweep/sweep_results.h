// The results of a sweep's trials: their scores, their ranking, and trials.csv.
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

/// The name of a metric, which is also its column in trials.csv.
std::string_view name_of(Metric metric);
/// Whether `a` is a better value than `b`.
bool better(Metric metric, double a, double b);

/// Mean and sample standard deviation over the runs of a trial.
struct Score {
  double mean = 0;
  std::optional<double> deviation;  // only with two or more runs
};
Score score(Metric metric, std::span<const ValidationRecord* const> runs);

struct TrialResult {
  enum class Status {
    kComplete,
    kStopped,    // stopped early by successive halving
    kCollapsed,  // at least one of its runs collapsed
  };
  const Trial* trial = nullptr;
  Status status = Status::kComplete;
  std::optional<Score> score;  // empty for a collapsed trial
  std::size_t steps = 0;       // sum over its runs
  double seconds = 0;
};

/// The result of a trial from the records of its runs; nothing while one of them has not ended.
std::optional<TrialResult> trial_result(const Trial& trial, std::span<const RunRecord> runs,
                                        Metric metric);

/// The results of all trials in `sweep` that have one, in the order of the trials.
std::vector<TrialResult> read_results(const std::filesystem::path& sweep,
                                      std::span<const Trial> trials, std::size_t seeds,
                                      Metric metric);

/// The results, best first, without collapsed trials. Complete trials come before stopped ones, and
/// stopped ones with more steps before those with fewer. Ties keep their order.
std::vector<TrialResult> ranked(std::span<const TrialResult> results, Metric metric);

/// The text of trials.csv, one row per result: id, parameters, the metric's mean and deviation,
/// steps, seconds, status.
std::string trials_csv(std::span<const TrialResult> results, const Space& parameters,
                       Metric metric);

/// "complete", "stopped" or "collapsed".
std::string_view name_of(TrialResult::Status status);

}  // namespace mnist
