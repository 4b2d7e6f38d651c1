#include "commands/sweep_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mnist {
namespace {

using Json = nlohmann::ordered_json;

std::size_t count_of(const std::vector<TrialResult>& results, TrialResult::Status status) {
  return static_cast<std::size_t>(
      std::count_if(results.begin(), results.end(),
                    [&](const TrialResult& result) { return result.status == status; }));
}

// Rows of cells in columns as wide as their widest cell, two blanks apart.
std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t c = 0; c + 1 < row.size(); ++c) {
      text += fmt::format("{:<{}}  ", row[c], widths[c]);
    }
    text += fmt::format("{}\n", row.back());
  }
  return text;
}

}  // namespace

nlohmann::ordered_json trial_json(const std::filesystem::path& directory, const TrialResult& result,
                                  Metric metric) {
  Json parameters = Json::object();
  for (const auto& [name, value] : result.trial->point) parameters[name] = value;
  const auto& score = result.score;
  return {{"id", result.trial->id},
          {"run", run_directory(directory, *result.trial, 0).string()},
          {"parameters", parameters},
          {name_of(metric), score ? Json(score->mean) : Json(nullptr)},
          {"deviation", score && score->deviation ? Json(*score->deviation) : Json(nullptr)},
          {"steps", result.steps},
          {"seconds", result.seconds},
          {"status", name_of(result.status)}};
}

nlohmann::ordered_json sweep_json(const std::filesystem::path& directory, const Sweep& sweep,
                                  const std::vector<TrialResult>& results, std::size_t shown) {
  Json best = Json::array();
  for (const TrialResult& result : ranked(results, sweep.metric)) {
    if (best.size() == shown) break;
    best.push_back(trial_json(directory, result, sweep.metric));
  }
  std::size_t steps = 0;
  double seconds = 0;
  for (const TrialResult& result : results) {
    steps += result.steps;
    seconds += result.seconds;
  }
  return {{"sweep", directory.string()},
          {"metric", name_of(sweep.metric)},
          {"trials", sweep.trials.size()},
          {"complete", count_of(results, TrialResult::Status::kComplete)},
          {"stopped", count_of(results, TrialResult::Status::kStopped)},
          {"collapsed", count_of(results, TrialResult::Status::kCollapsed)},
          {"steps", steps},
          {"seconds", seconds},
          {"best", std::move(best)}};
}

std::string sweep_summary(const nlohmann::ordered_json& json, const Sweep& sweep) {
  std::string text = fmt::format(
      "sweep   {}\ntrials  {} complete, {} stopped, {} collapsed, of {}\nsteps   {} in {:.1f} s\n",
      json["sweep"].get<std::string>(), json["complete"].dump(), json["stopped"].dump(),
      json["collapsed"].dump(), json["trials"].dump(), json["steps"].dump(),
      json["seconds"].get<double>());
  if (json["best"].empty()) return text;
  const std::string metric(name_of(sweep.metric));
  std::vector<std::vector<std::string>> rows = {{"id", metric, "deviation", "steps"}};
  for (const Hyperparameter& parameter : sweep.space) rows[0].push_back(parameter.name);
  for (const Json& trial : json["best"]) {
    const Json& deviation = trial["deviation"];
    rows.push_back({trial["id"], fmt::format("{:.5f}", trial[metric].get<double>()),
                    deviation.is_null() ? "-" : fmt::format("{:.5f}", deviation.get<double>()),
                    trial["steps"].dump()});
    for (const auto& [name, value] : trial["parameters"].items()) rows.back().push_back(value);
  }
  return text + "\n" + aligned(rows);
}

}  // namespace mnist
