// Evaluation with probabilities averaged over networks (a committee) and over distorted views of
// each image (test-time augmentation). Meier, Ciresan, Gambardella and Schmidhuber, "Better digit
// recognition with a committee of simple neural nets", ICDAR 2011.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "data/augmentation.h"
#include "data/dataset.h"
#include "nn/network.h"
#include "report/metrics.h"

namespace mnist {

/// Distorted views of images. View v of row r is a function of the seed.
struct Views {
  std::size_t count = 0;  // 0: no views, only the original image
  AugmentSettings distortion;
  std::uint64_t seed = 0;
};

/// The figures of one network or of a committee.
struct LookMetrics {
  Metrics once;                       // on the original images
  std::optional<Metrics> with_views;  // with the mean over all views of each image
};

struct CommitteeMetrics {
  std::vector<LookMetrics> networks;
  std::optional<LookMetrics> committee;  // with the mean over the networks; only for two or more
};

/// Measures one or more networks, all with the same inputs and outputs, on labelled data. Throws
/// Error(kUsage) for views without distortion, and for views of data other than images of bytes.
CommitteeMetrics evaluate_committee(std::span<const Network> networks, const Dataset& data,
                                    const Views& views, ThreadPool& pool);

/// For one network: the keys of Metrics and, with views, `with_views` with the same keys. For
/// several: `networks`, an array of such objects with their name as `weights`, and `committee`.
nlohmann::ordered_json to_json(const CommitteeMetrics& metrics, std::span<const std::string> names);

/// As text: for one network without views the table of its metrics, else a line per network and one
/// for the committee.
std::string to_table(const CommitteeMetrics& metrics, std::span<const std::string> names);

}  // namespace mnist
