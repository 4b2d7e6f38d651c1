// The results of a sweep, as JSON and as a table.
#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "commands/sweep_space.h"
#include "sweep/sweep_results.h"

namespace mnist {

/// Files in the directory of a sweep.
inline constexpr const char* kTrialsFile = "trials.csv";
inline constexpr const char* kBestFile = "best.toml";

/// A trial and its figures, which are null for a collapsed one.
nlohmann::ordered_json trial_json(const std::filesystem::path& directory, const TrialResult& result,
                                  Metric metric);

/// The numbers of complete, stopped and collapsed trials, and the best `shown` trials.
nlohmann::ordered_json sweep_json(const std::filesystem::path& directory, const Sweep& sweep,
                                  const std::vector<TrialResult>& results, std::size_t shown = 10);

/// The same as text: lines, and a table, or several if one would be wider than `width`. Omits the
/// deviation with a single seed, and the steps if all are equal.
std::string sweep_summary(const nlohmann::ordered_json& json, const Sweep& sweep,
                          std::size_t width);

}  // namespace mnist
