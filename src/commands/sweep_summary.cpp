#include "commands/sweep_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json_text.h"

namespace mnist {
namespace {

using Json = nlohmann::ordered_json;

std::size_t count_of(const std::vector<TrialResult>& results, TrialResult::Status status) {
  return static_cast<std::size_t>(
      std::count_if(results.begin(), results.end(),
                    [&](const TrialResult& result) { return result.status == status; }));
}

using Column = std::vector<std::string>;  // a title, and a cell for each trial

std::size_t width_of(const Column& column) {
  std::size_t width = 0;
  for (const std::string& cell : column) width = std::max(width, cell.size());
  return width;
}

// Columns side by side, two blanks apart. Columns that do not fit into `width` go into further
// tables, which repeat the first column.
std::string tables(const std::vector<Column>& columns, std::size_t width) {
  const std::size_t first_width = width_of(columns.front());
  std::string text;
  for (std::size_t begin = 1, end = 1; begin < columns.size(); begin = end) {
    std::size_t taken = first_width;
    do {
      taken += 2 + width_of(columns[end++]);
    } while (end < columns.size() && taken + 2 + width_of(columns[end]) <= width);
    for (std::size_t row = 0; row < columns.front().size(); ++row) {
      text += fmt::format("{}{:<{}}", row == 0 ? "\n" : "", columns.front()[row], first_width);
      std::size_t blanks = 2;
      for (std::size_t c = begin; c < end; ++c) {
        text += fmt::format("{:{}}{}", "", blanks, columns[c][row]);
        blanks = 2 + width_of(columns[c]) - columns[c][row].size();
      }
      text += '\n';
    }
  }
  return text;
}

// Whether the cells of a column differ.
bool varies(const Column& column) {
  return std::any_of(column.begin() + 1, column.end(),
                     [&](const std::string& cell) { return cell != column[1]; });
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

std::string sweep_summary(const nlohmann::ordered_json& json, const Sweep& sweep,
                          std::size_t width) {
  const std::string metric = json["metric"];
  std::string text = fmt::format(
      "sweep   {}\n"
      "trials  {} complete, {} stopped, {} collapsed, of {}\n"
      "steps   {} in {:.1f} s\n"
      "metric  {}\n",
      json["sweep"].get<std::string>(), json_text(json["complete"]), json_text(json["stopped"]),
      json_text(json["collapsed"]), json_text(json["trials"]), json_text(json["steps"]),
      json["seconds"].get<double>(), metric);
  if (json["best"].empty()) return text;
  Column ids = {"id"};
  Column means = {"metric"};
  Column deviations = {"deviation"};
  Column steps = {"steps"};
  std::vector<Column> parameters;
  for (const Hyperparameter& parameter : sweep.space) parameters.push_back({parameter.name});
  for (const Json& trial : json["best"]) {
    const Json& deviation = trial["deviation"];
    ids.push_back(trial["id"]);
    means.push_back(fmt::format("{:.5f}", trial[metric].get<double>()));
    deviations.push_back(deviation.is_null() ? "-"
                                             : fmt::format("{:.5f}", deviation.get<double>()));
    steps.push_back(json_text(trial["steps"]));
    for (Column& column : parameters) column.push_back(trial["parameters"][column.front()]);
  }
  std::vector<Column> columns = {ids, means};
  if (sweep.seeds > 1) columns.push_back(deviations);
  if (varies(steps)) columns.push_back(steps);
  columns.insert(columns.end(), parameters.begin(), parameters.end());
  return text + tables(columns, width);
}

}  // namespace mnist
