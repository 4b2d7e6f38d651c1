// The data of `mnist report` for a sweep.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace mnist {

/// The data of html_page() for the sweep in this directory, of kind `sweep`: those of sweep_json(),
/// but with all trials, the collapsed ones last; also `seeds` and the parameters of the `space`.
/// Throws the errors of read_sweep and read_results.
nlohmann::ordered_json sweep_report(const std::filesystem::path& directory);

}  // namespace mnist
