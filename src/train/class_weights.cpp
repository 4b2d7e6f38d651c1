#include "train/class_weights.h"

#include <fmt/format.h>

#include <cmath>
#include <numeric>
#include <string_view>

#include "base/error.h"
#include "base/number.h"
#include "base/split.h"

namespace mnist {
namespace {

constexpr std::string_view kBalanced = "balanced";

std::vector<double> parse_weights(const std::string& text) {
  std::vector<double> weights;
  for (const std::string_view field : split(text, ',')) {
    const auto weight = read_number<double>(field);
    if (!weight || !std::isfinite(*weight) || *weight < 0) {
      refuse(fmt::format(
          "class weights '{}': give 'balanced', or a number from 0 for each class, such as 1,2.5,1",
          text));
    }
    weights.push_back(*weight);
  }
  return weights;
}

}  // namespace

void check_class_weights(const std::string& text) {
  if (!text.empty() && text != kBalanced) parse_weights(text);
}

std::vector<float> class_weights(const std::string& text, const Dataset& training) {
  if (text.empty()) return {};
  const std::vector<std::size_t> counted = training.class_rows();
  const std::vector<double> rows(counted.begin(), counted.end());
  std::vector<double> weights(training.classes);
  if (text == kBalanced) {
    for (std::size_t c = 0; c < rows.size(); ++c) weights[c] = rows[c] > 0 ? 1 / rows[c] : 0;
  } else {
    weights = parse_weights(text);
    if (weights.size() != training.classes) {
      refuse(fmt::format("class weights '{}' are {}, but the training data have {} classes", text,
                         weights.size(), training.classes));
    }
  }
  const double sum = std::inner_product(weights.begin(), weights.end(), rows.begin(), 0.0);
  if (!(sum > 0) || !std::isfinite(sum)) {
    refuse(fmt::format("class weights '{}' leave no row to train on", text));
  }
  const double factor = static_cast<double>(training.rows()) / sum;
  std::vector<float> scaled;
  for (const double weight : weights) scaled.push_back(static_cast<float>(weight * factor));
  return scaled;
}

}  // namespace mnist
