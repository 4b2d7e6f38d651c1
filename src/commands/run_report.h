// What `mnist report` shows of a training run.
#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace mnist {

/// The data of html_page for the run in this directory, of kind `run`; or for weights without their
/// run, of kind `network`, which have neither curves nor a result. The network is measured on
/// `data`; where that is empty, on the run's test data; where it has none, on the rows that it held
/// out for validation; else not at all. A run that collapsed has no network. Throws
/// Error(kBadInput) for a run that has not ended, and where a file is missing or damaged.
nlohmann::ordered_json run_report(const std::filesystem::path& run,
                                  const std::filesystem::path& data, std::size_t threads);

}  // namespace mnist
