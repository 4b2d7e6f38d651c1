#include "data/input_scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/number.h"
#include "base/split.h"

namespace mnist {
namespace {

[[noreturn]] void refuse_scale(std::string_view text) {
  refuse(fmt::format("input scale '{}': give auto, none, divide:X, standard or normalize:MEAN,STD",
                     text));
}

float positive(std::string_view text, std::string_view number) {
  const auto value = read_number<float>(number);
  if (!value || !(*value > 0) || !std::isfinite(*value)) refuse_scale(text);
  return *value;
}

// The value that stands for full intensity: 255 for bytes, 1 for values from 0 to 1.
float range_of(const ValueSummary& summary) {
  constexpr float kSmall = 64;
  if (summary.whole && summary.highest <= kMaxByte) {
    return summary.highest < kSmall ? std::max(summary.highest, 1.0F) : kMaxByte;
  }
  return std::max(summary.highest, 1.0F);
}

// Mean and standard deviation of each feature, summed in the order of the rows.
InputScale standard_for(const Dataset& data) {
  const std::size_t n = data.features();
  std::vector<double> sums(n);
  std::vector<double> squares(n);
  const auto add = [&](const auto* row) {
    for (std::size_t f = 0; f < n; ++f) {
      const auto x = static_cast<double>(row[f]);
      sums[f] += x;
      squares[f] += x * x;
    }
  };
  for (std::size_t r = 0; r < data.rows(); ++r) {
    data.has_floats() ? add(data.float_row(r)) : add(data.row(r));
  }
  InputScale scale;
  scale.kind = ScaleKind::kStandard;
  const auto rows = static_cast<double>(data.rows());
  for (std::size_t f = 0; f < n; ++f) {
    const double mean = sums[f] / rows;
    const double variance = squares[f] / rows - mean * mean;
    // A constant feature gets deviation 1, so that other values in other data do not become
    // infinite.
    const double least = 1e-6 * std::max(1.0, std::abs(mean));
    const double deviation = variance > least * least ? std::sqrt(variance) : 1;
    scale.mean.push_back(static_cast<float>(mean));
    scale.deviation.push_back(static_cast<float>(deviation));
  }
  return scale;
}

template <class Function>
void transform_values(Dataset& data, Function function) {
  make_floats(data);
  const std::size_t n = data.features();
  for (std::size_t i = 0; i < data.values.size(); ++i) {
    data.values[i] = function(data.values[i], i % n);
  }
}

}  // namespace

InputScale parse_scale(std::string_view text) {
  InputScale scale;
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view kind = text.substr(0, colon);
  const std::string_view rest = text.substr(std::min(colon + 1, text.size()));
  if (text == "auto") {
    scale.kind = ScaleKind::kAuto;
  } else if (text == "none") {
    scale.kind = ScaleKind::kNone;
  } else if (text == "standard") {
    scale.kind = ScaleKind::kStandard;
  } else if (kind == "divide") {
    scale.divisor = positive(text, rest);
  } else if (kind == "normalize") {
    scale.kind = ScaleKind::kNormalize;
    const auto numbers = split(rest, ',');
    if (numbers.size() != 2) refuse_scale(text);
    const auto mean = read_number<float>(numbers[0]);
    if (!mean || !std::isfinite(*mean)) refuse_scale(text);
    scale.mean = {*mean};
    scale.deviation = {positive(text, numbers[1])};
  } else {
    refuse_scale(text);
  }
  return scale;
}

std::string to_string(const InputScale& scale) {
  switch (scale.kind) {
    case ScaleKind::kAuto:
      return "auto";
    case ScaleKind::kNone:
      return "none";
    case ScaleKind::kDivide:
      return fmt::format("divide:{}", scale.divisor);
    case ScaleKind::kStandard:
      return "standard";
    case ScaleKind::kNormalize:
      return fmt::format("normalize:{},{}", scale.mean.at(0), scale.deviation.at(0));
  }
  return "";
}

InputScale scale_for(const InputScale& asked, const Dataset& training) {
  const ValueSummary& summary = training.summary;
  InputScale scale = asked;
  if (asked.kind == ScaleKind::kStandard) return standard_for(training);
  if (asked.kind == ScaleKind::kNormalize) scale.divisor = range_of(summary);
  if (asked.kind != ScaleKind::kAuto) return scale;
  if (summary.empty() || !training.has_floats()) {
    scale.kind = ScaleKind::kDivide;
    scale.divisor = summary.empty() ? kMaxByte : range_of(summary);
    if (scale.divisor == 1) scale.kind = ScaleKind::kNone;
    return scale;
  }
  if (summary.lowest >= 0 && summary.highest <= 1) {
    scale.kind = ScaleKind::kNone;
    return scale;
  }
  return standard_for(training);
}

void apply_scale(Dataset& data, const InputScale& scale) {
  switch (scale.kind) {
    case ScaleKind::kAuto:
    case ScaleKind::kNone:
      return make_floats(data);
    case ScaleKind::kDivide:
      if (scale.takes_bytes() && !data.has_floats()) return;
      return transform_values(data, [&](float x, std::size_t) { return x / scale.divisor; });
    case ScaleKind::kStandard:
      return transform_values(
          data, [&](float x, std::size_t f) { return (x - scale.mean[f]) / scale.deviation[f]; });
    case ScaleKind::kNormalize:
      return transform_values(data, [&](float x, std::size_t) {
        return (x / scale.divisor - scale.mean[0]) / scale.deviation[0];
      });
  }
}

}  // namespace mnist
