// The results of a sweep, for programs and for people.
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
inline constexpr const char* kLockFile = ".lock";

/// A trial and how it did; figures of a collapsed one are null.
nlohmann::ordered_json trial_json(const std::filesystem::path& directory, const TrialResult& result,
                                  Metric metric);

/// How many trials came to which end, and the best `shown` of them.
nlohmann::ordered_json sweep_json(const std::filesystem::path& directory, const Sweep& sweep,
                                  const std::vector<TrialResult>& results, std::size_t shown = 10);

/// The same as lines and a table, or several where one would be wider than `width`. Columns that
/// say nothing are left out: the deviation over a single seed, steps that are the same for all.
std::string sweep_summary(const nlohmann::ordered_json& json, const Sweep& sweep,
                          std::size_t width);

}  // namespace mnist
