#include "sweep/sweep_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/csv_field.h"

namespace mnist {
namespace {

using Status = TrialResult::Status;

double value_of(Metric metric, const ValidationRecord& record) {
  return metric == Metric::kValidationLoss ? record.loss : record.accuracy;
}

}  // namespace

std::string_view name_of(Metric metric) {
  return metric == Metric::kValidationLoss ? "validation_loss" : "validation_accuracy";
}

bool better(Metric metric, double a, double b) {
  // NaN ranks below every number and equal to NaN; otherwise this would be no strict weak order.
  if (std::isnan(a) || std::isnan(b)) return !std::isnan(a) && std::isnan(b);
  return metric == Metric::kValidationLoss ? a < b : a > b;
}

Score score(Metric metric, std::span<const ValidationRecord* const> runs) {
  const auto count = static_cast<double>(runs.size());
  Score score;
  for (const ValidationRecord* run : runs) score.mean += value_of(metric, *run) / count;
  if (runs.size() < 2) return score;
  double squares = 0;
  for (const ValidationRecord* run : runs) {
    const double difference = value_of(metric, *run) - score.mean;
    squares += difference * difference;
  }
  score.deviation = std::sqrt(squares / (count - 1));
  return score;
}

std::optional<TrialResult> trial_result(const Trial& trial, std::span<const RunRecord> runs,
                                        Metric metric) {
  TrialResult result;
  result.trial = &trial;
  std::vector<const ValidationRecord*> figures;
  for (const RunRecord& run : runs) {
    if (!run.visible) return std::nullopt;
    result.steps += run.steps;
    result.seconds += run.seconds;
    if (run.collapsed) {
      result.status = Status::kCollapsed;
    } else if (const ValidationRecord* last = run.at(run.steps)) {
      if (!run.end && result.status == Status::kComplete) result.status = Status::kStopped;
      figures.push_back(last);
    } else {
      return std::nullopt;  // started outside this sweep
    }
  }
  if (result.status != Status::kCollapsed) result.score = score(metric, figures);
  return result;
}

std::vector<TrialResult> read_results(const std::filesystem::path& sweep,
                                      std::span<const Trial> trials, std::size_t seeds,
                                      Metric metric) {
  std::vector<TrialResult> results;
  for (const Trial& trial : trials) {
    std::vector<RunRecord> runs;
    for (std::size_t k = 0; k < seeds; ++k) {
      runs.push_back(read_run(run_directory(sweep, trial, k)));
    }
    if (const auto result = trial_result(trial, runs, metric)) results.push_back(*result);
  }
  return results;
}

std::vector<TrialResult> ranked(std::span<const TrialResult> results, Metric metric) {
  std::vector<TrialResult> best;
  std::copy_if(results.begin(), results.end(), std::back_inserter(best),
               [](const TrialResult& result) { return result.score.has_value(); });
  std::stable_sort(best.begin(), best.end(), [&](const TrialResult& a, const TrialResult& b) {
    if (a.status != b.status) return a.status == Status::kComplete;
    if (a.status == Status::kStopped && a.steps != b.steps) return a.steps > b.steps;
    return better(metric, a.score->mean, b.score->mean);
  });
  return best;
}

std::string trials_csv(std::span<const TrialResult> results, const Space& parameters,
                       Metric metric) {
  std::string text = "id";
  for (const Hyperparameter& parameter : parameters) text += fmt::format(",{}", parameter.name);
  text += fmt::format(",{},deviation,steps,seconds,status\n", name_of(metric));
  for (const TrialResult& result : results) {
    text += result.trial->id;
    for (const auto& [name, value] : result.trial->point) {
      text += fmt::format(",{}", csv_field(value));
    }
    const auto& score = result.score;
    text += fmt::format(",{},{},{},{},{}\n", score ? fmt::format("{}", score->mean) : "",
                        score && score->deviation ? fmt::format("{}", *score->deviation) : "",
                        result.steps, result.seconds, name_of(result.status));
  }
  return text;
}

std::string_view name_of(Status status) {
  switch (status) {
    case Status::kComplete:
      return "complete";
    case Status::kStopped:
      return "stopped";
    case Status::kCollapsed:
      break;
  }
  return "collapsed";
}

}  // namespace mnist
