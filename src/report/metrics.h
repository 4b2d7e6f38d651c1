// How good a classifier is: figures from its probabilities and the true labels.
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

/// One class against all others. A figure is empty where it would be 0 / 0.
struct ClassMetrics {
  std::string label;                // what data call it
  std::string name;                 // what people do
  std::size_t count = 0;            // rows with this label
  std::optional<double> precision;  // right among the rows predicted to be this class
  std::optional<double> recall;     // right among the rows that are this class
  std::optional<double> f1;         // harmonic mean of both
};

struct Metrics {
  std::size_t count = 0;
  std::size_t correct = 0;
  double accuracy = 0;  // correct / count
  double error = 0;     // 1 - accuracy
  double loss = 0;      // mean over the rows
  std::vector<std::vector<std::size_t>>
      confusion;  // [true label][predicted label]; none of more than 2000 classes
  std::vector<ClassMetrics> per_class;
};

/// The index of the largest of one row's probabilities, the first of equals.
std::size_t most_probable(std::span<const float> probabilities);

/// From probabilities [labels × classes] and each row's loss, at least one row. A label has to be
/// below `classes`, which are named by their numbers.
Metrics compute_metrics(std::span<const float> probabilities, std::size_t classes,
                        std::span<const std::int32_t> labels, std::span<const float> row_losses);

/// The same with the classes and their names that the network has.
Metrics compute_metrics(std::span<const float> probabilities, const Network& network,
                        std::span<const std::int32_t> labels, std::span<const float> row_losses);

/// The metrics of a network on labelled data; the loss is the one that fits its output.
Metrics evaluate(const Network& network, const Dataset& data, ThreadPool& pool);

/// A label as JSON: a number where it is one.
nlohmann::ordered_json label_json(const std::string& label);

/// Keys accuracy, error, loss, count, correct, confusion, per_class; empty figures are null.
nlohmann::ordered_json to_json(const Metrics& metrics);

/// For people: headline figures, confusion matrix (where it is narrow enough to read) and classes.
std::string to_table(const Metrics& metrics);

}  // namespace mnist
