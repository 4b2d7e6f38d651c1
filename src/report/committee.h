// Probabilities averaged over several looks: over distorted views of an image, over networks.
// Meier, Ciresan, Gambardella and Schmidhuber, "Better digit recognition with a committee of simple
// neural nets", ICDAR 2011.
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

/// How images are distorted before they are looked at. View v of row r follows from the seed alone.
struct Views {
  std::size_t count = 0;  // 0: an image is looked at once, as it is
  AugmentSettings distortion;
  std::uint64_t seed = 0;
};

/// The figures of one network or of a committee.
struct LookMetrics {
  Metrics once;                       // each image as it is
  std::optional<Metrics> with_views;  // the mean over all distorted views of it
};

struct CommitteeMetrics {
  std::vector<LookMetrics> networks;
  std::optional<LookMetrics> committee;  // the mean over the networks, where there are several
};

/// Measures networks of the same inputs and outputs, at least one, on labelled data. Throws
/// Error(kUsage) where views are asked for without distortion, or of what is no image of bytes.
CommitteeMetrics evaluate_committee(std::span<const Network> networks, const Dataset& data,
                                    const Views& views, ThreadPool& pool);

/// `names` are those of the networks. For one network the keys of Metrics and, with views,
/// `with_views`, which has them too; for several `networks`, an array of the same with `weights`,
/// and `committee`.
nlohmann::ordered_json to_json(const CommitteeMetrics& metrics, std::span<const std::string> names);

/// For people: for one network without views the table of its metrics, else a line for each network
/// and for the committee.
std::string to_table(const CommitteeMetrics& metrics, std::span<const std::string> names);

}  // namespace mnist
