// The data of `mnist report` for a training run.
#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace mnist {

/// The data of html_page() for the run in this directory, of kind `run`; for weights without their
/// run, of kind `network`, without curves and result. The network is measured on `data`; if that is
/// empty, on the run's test data; if there are none, on its held-out rows; else not at all. A
/// collapsed run has no network. Throws Error(kBadInput) for a run that has not ended, and for a
/// missing or damaged file.
nlohmann::ordered_json run_report(const std::filesystem::path& run,
                                  const std::filesystem::path& data, std::size_t threads);

}  // namespace mnist
