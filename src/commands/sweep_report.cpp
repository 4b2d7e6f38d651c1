#include "commands/sweep_report.h"

#include <vector>

#include "commands/sweep_space.h"
#include "commands/sweep_summary.h"

namespace mnist {
namespace {

using Json = nlohmann::ordered_json;

Json space_json(const Space& space) {
  Json parameters = Json::array();
  for (const Hyperparameter& parameter : space) {
    parameters.push_back({{"name", parameter.name},
                          {"log", parameter.kind == Hyperparameter::Kind::kLog},
                          {"values", parameter.values}});
  }
  return parameters;
}

}  // namespace

nlohmann::ordered_json sweep_report(const std::filesystem::path& directory) {
  const Sweep sweep = read_sweep(directory);
  const std::vector<TrialResult> results =
      read_results(directory, sweep.trials, sweep.seeds, sweep.metric);
  Json page{{"kind", "sweep"}, {"name", directory.lexically_normal().string()}};
  page.update(sweep_json(directory, sweep, results, results.size()));
  for (const TrialResult& result : results) {
    if (!result.score) page["best"].push_back(trial_json(directory, result, sweep.metric));
  }
  page["seeds"] = sweep.seeds;
  page["space"] = space_json(sweep.space);
  return page;
}

}  // namespace mnist
