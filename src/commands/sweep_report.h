// What `mnist report` shows of a sweep.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace mnist {

/// The data of html_page for the sweep in this directory, of kind `sweep`: what sweep_json tells,
/// but with all trials, the collapsed ones last; `seeds`, and the parameters of its `space`. Throws
/// what read_sweep and read_results throw.
nlohmann::ordered_json sweep_report(const std::filesystem::path& directory);

}  // namespace mnist
