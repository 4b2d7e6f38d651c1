#include "report/calibration.h"

#include <algorithm>
#include <cmath>

#include "report/metrics.h"

namespace mnist {

Calibration calibrate(std::span<const float> probabilities, std::size_t classes,
                      std::span<const std::int32_t> labels, std::size_t bins) {
  const auto width = static_cast<double>(bins);
  Calibration calibration;
  for (std::size_t b = 0; b < bins; ++b) {
    const auto begin = static_cast<double>(b);
    calibration.bins.push_back({begin / width, (begin + 1) / width});
  }
  for (std::size_t r = 0; r < labels.size(); ++r) {
    const auto row = probabilities.subspan(r * classes, classes);
    const std::size_t guess = most_probable(row);
    const auto confidence = static_cast<double>(row[guess]);
    const double place = std::clamp(confidence * width, 0.0, width - 1);
    CalibrationBin& bin = calibration.bins[static_cast<std::size_t>(place)];
    ++bin.count;
    bin.confidence += confidence;
    bin.accuracy += guess == static_cast<std::size_t>(labels[r]) ? 1 : 0;
  }
  for (CalibrationBin& bin : calibration.bins) {
    if (bin.count == 0) continue;
    calibration.expected_error +=
        std::abs(bin.accuracy - bin.confidence) / static_cast<double>(labels.size());
    bin.confidence /= static_cast<double>(bin.count);
    bin.accuracy /= static_cast<double>(bin.count);
  }
  return calibration;
}

nlohmann::ordered_json to_json(const Calibration& calibration) {
  using Json = nlohmann::ordered_json;
  Json bins = Json::array();
  for (const CalibrationBin& bin : calibration.bins) {
    bins.push_back({{"low", bin.low},
                    {"high", bin.high},
                    {"count", bin.count},
                    {"confidence", bin.count > 0 ? Json(bin.confidence) : Json(nullptr)},
                    {"accuracy", bin.count > 0 ? Json(bin.accuracy) : Json(nullptr)}});
  }
  return {{"expected_error", calibration.expected_error}, {"bins", std::move(bins)}};
}

}  // namespace mnist
