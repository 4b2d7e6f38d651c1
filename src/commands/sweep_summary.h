// The results of a sweep, for programs and for people.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "commands/sweep_space.h"
#include "sweep/sweep_results.h"

namespace mnist {

/// How many trials came to which end, and the best ten.
nlohmann::ordered_json sweep_json(const std::filesystem::path& directory, const Sweep& sweep,
                                  const std::vector<TrialResult>& results);

/// The same as lines and a table.
std::string sweep_summary(const nlohmann::ordered_json& json, const Sweep& sweep);

}  // namespace mnist
