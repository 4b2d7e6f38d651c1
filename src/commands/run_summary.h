// The result of a training run for people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace mnist {

/// One line per figure of a result.json; figures that are null are left out.
std::string run_summary(const nlohmann::ordered_json& result);

}  // namespace mnist
