// Metrics of a classifier, from its probabilities and the true labels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "data/dataset.h"
#include "nn/network.h"

namespace mnist {

/// One class against all others. A figure is empty if it would be 0 / 0.
struct ClassMetrics {
  std::string label;                // in data files
  std::string name;                 // for people, see --class-names
  std::size_t count = 0;            // rows with this label
  std::optional<double> precision;  // correct fraction of the rows predicted as this class
  std::optional<double> recall;     // correct fraction of the rows of this class
  std::optional<double> f1;         // harmonic mean of both
};

struct Metrics {
  std::size_t count = 0;
  std::size_t correct = 0;
  double accuracy = 0;  // correct / count
  double error = 0;     // 1 - accuracy
  double loss = 0;      // mean over the rows
  std::vector<std::vector<std::size_t>>
      confusion;  // [true label][predicted label]; empty for more than 2000 classes
  std::vector<ClassMetrics> per_class;
};

/// The index of the largest probability in a row; the first one of equal values.
std::size_t most_probable(std::span<const float> probabilities);

/// The metrics of probabilities [labels × classes], with the loss of each row; at least one row.
/// Labels are below `classes`. Class numbers are their names.
Metrics compute_metrics(std::span<const float> probabilities, std::size_t classes,
                        std::span<const std::int32_t> labels, std::span<const float> row_losses);

/// The same with the network's labels and class names.
Metrics compute_metrics(std::span<const float> probabilities, const Network& network,
                        std::span<const std::int32_t> labels, std::span<const float> row_losses);

/// The metrics of a network on labelled data. Its output activation decides the kind of loss.
Metrics evaluate(const Network& network, const Dataset& data, ThreadPool& pool);

/// A label as JSON: an integer if it looks like one, else a string.
nlohmann::ordered_json label_json(const std::string& label);

/// Keys accuracy, error, loss, count, correct, confusion, per_class; empty figures are null.
nlohmann::ordered_json to_json(const Metrics& metrics);

/// As text: overall figures, the confusion matrix unless it is too wide, and figures per class.
std::string to_table(const Metrics& metrics);

}  // namespace mnist
