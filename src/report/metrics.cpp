#include "report/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>

#include "base/json_text.h"
#include "base/number.h"

namespace mnist {
namespace {

// A wider confusion matrix does not fit a terminal.
constexpr std::size_t kWidestConfusion = 30;

// A larger confusion matrix is not computed: it would take memory and nobody could read it.
constexpr std::size_t kLargestConfusion = 2000;

std::optional<double> ratio(std::size_t part, std::size_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

std::string percent(const std::optional<double>& value) {
  return value ? fmt::format("{:.2f} %", 100 * *value) : "-";
}

// The title of each class in tables: its label, and its name if it has one.
std::vector<std::string> row_titles(const Metrics& metrics) {
  std::vector<std::string> titles;
  for (std::size_t c = 0; c < metrics.per_class.size(); ++c) {
    const std::string& label = metrics.per_class[c].label;
    const std::string& name = metrics.per_class[c].name;
    titles.push_back(name == label ? label : fmt::format("{} {}", label, name));
  }
  return titles;
}

void append_confusion(std::string& out, const Metrics& metrics,
                      const std::vector<std::string>& titles, std::size_t title_width) {
  const std::size_t classes = metrics.confusion.size();
  const std::size_t width = std::max(fmt::formatted_size("{}", metrics.count), std::size_t{4});
  fmt::format_to(std::back_inserter(out),
                 "\nconfusion: a row per true label, a column per guess\n");
  fmt::format_to(std::back_inserter(out), "{:>{}} ", "", title_width);
  for (std::size_t c = 0; c < classes; ++c) {
    fmt::format_to(std::back_inserter(out), " {:>{}}", c, width);
  }
  for (std::size_t r = 0; r < classes; ++r) {
    fmt::format_to(std::back_inserter(out), "\n{:>{}} ", titles[r], title_width);
    for (const std::size_t n : metrics.confusion[r]) {
      fmt::format_to(std::back_inserter(out), " {:>{}}", n, width);
    }
  }
  out += '\n';
}

}  // namespace

std::size_t most_probable(std::span<const float> probabilities) {
  return static_cast<std::size_t>(std::max_element(probabilities.begin(), probabilities.end()) -
                                  probabilities.begin());
}

Metrics compute_metrics(std::span<const float> probabilities, std::size_t classes,
                        std::span<const std::int32_t> labels, std::span<const float> row_losses) {
  Metrics metrics;
  metrics.count = labels.size();
  if (classes <= kLargestConfusion) {
    metrics.confusion.assign(classes, std::vector<std::size_t>(classes));
  }
  struct Counts {
    std::size_t labelled = 0;
    std::size_t predicted = 0;
    std::size_t right = 0;
  };
  std::vector<Counts> counts(classes);
  for (std::size_t r = 0; r < labels.size(); ++r) {
    const auto label = static_cast<std::size_t>(labels[r]);
    const std::size_t guess = most_probable(probabilities.subspan(r * classes, classes));
    if (!metrics.confusion.empty()) ++metrics.confusion[label][guess];
    ++counts[label].labelled;
    ++counts[guess].predicted;
    if (guess != label) continue;
    ++counts[label].right;
    ++metrics.correct;
  }
  const auto count = static_cast<double>(metrics.count);
  metrics.accuracy = static_cast<double>(metrics.correct) / count;
  metrics.error = static_cast<double>(metrics.count - metrics.correct) / count;
  metrics.loss = std::accumulate(row_losses.begin(), row_losses.end(), 0.0) / count;

  for (std::size_t c = 0; c < classes; ++c) {
    const auto& [labelled, predicted, right] = counts[c];
    ClassMetrics one;
    one.label = std::to_string(c);
    one.name = one.label;
    one.count = labelled;
    one.precision = ratio(right, predicted);
    one.recall = ratio(right, labelled);
    one.f1 = ratio(2 * right, predicted + labelled);
    metrics.per_class.push_back(one);
  }
  return metrics;
}

Metrics compute_metrics(std::span<const float> probabilities, const Network& network,
                        std::span<const std::int32_t> labels, std::span<const float> row_losses) {
  Metrics metrics = compute_metrics(probabilities, network.outputs(), labels, row_losses);
  for (std::size_t c = 0; c < network.outputs(); ++c) {
    metrics.per_class[c].label = network.label_name(c);
    metrics.per_class[c].name = network.class_name(c);
  }
  return metrics;
}

Metrics evaluate(const Network& network, const Dataset& data, ThreadPool& pool) {
  std::vector<float> row_losses;
  const AlignedVector<float> probabilities = predict(network, data, pool, &row_losses);
  return compute_metrics(probabilities, network, data.labels, row_losses);
}

nlohmann::ordered_json label_json(const std::string& label) {
  const auto number = read_number<std::int64_t>(label);
  if (number && std::to_string(*number) == label) return *number;
  return label;
}

nlohmann::ordered_json to_json(const Metrics& metrics) {
  nlohmann::ordered_json classes = nlohmann::ordered_json::array();
  for (std::size_t c = 0; c < metrics.per_class.size(); ++c) {
    const ClassMetrics& one = metrics.per_class[c];
    classes.push_back({{"label", label_json(one.label)},
                       {"name", one.name},
                       {"count", one.count},
                       {"precision", nullable(one.precision)},
                       {"recall", nullable(one.recall)},
                       {"f1", nullable(one.f1)}});
  }
  return {{"accuracy", metrics.accuracy},   {"error", metrics.error},
          {"loss", metrics.loss},           {"count", metrics.count},
          {"correct", metrics.correct},     {"confusion", metrics.confusion},
          {"per_class", std::move(classes)}};
}

std::string to_table(const Metrics& metrics) {
  std::string out =
      fmt::format("accuracy  {:>8}  ({} of {})\nerror     {:>8}\nloss      {:>8.4f}\n",
                  percent(metrics.accuracy), metrics.correct, metrics.count, percent(metrics.error),
                  metrics.loss);
  const std::vector<std::string> titles = row_titles(metrics);
  std::size_t title_width = 5;
  for (const std::string& title : titles) {
    title_width = std::max(title_width, fmt::formatted_size("{}", title));
  }
  if (metrics.per_class.size() <= kWidestConfusion) {
    append_confusion(out, metrics, titles, title_width);
  }
  out += fmt::format("\n{:>{}}  {:>8}  {:>9}  {:>9}  {:>9}\n", "label", title_width, "count",
                     "precision", "recall", "F1");
  for (std::size_t c = 0; c < metrics.per_class.size(); ++c) {
    const ClassMetrics& one = metrics.per_class[c];
    out += fmt::format("{:>{}}  {:>8}  {:>9}  {:>9}  {:>9}\n", titles[c], title_width, one.count,
                       percent(one.precision), percent(one.recall), percent(one.f1));
  }
  return out;
}

}  // namespace mnist
