// The result of a training run as a table.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace mnist {

/// One line per figure of a result.json; null figures are skipped.
std::string run_summary(const nlohmann::ordered_json& result);

}  // namespace mnist
