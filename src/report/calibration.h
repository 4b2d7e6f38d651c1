// Calibration: whether a classifier's confidence equals its accuracy (Guo, Pleiss, Sun and
// Weinberger, "On calibration of modern neural networks", ICML 2017).
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

namespace mnist {

/// The rows whose most probable class has a probability in [low, high).
struct CalibrationBin {
  double low = 0;
  double high = 0;  // the last bin includes 1
  std::size_t count = 0;
  double confidence = 0;  // mean probability of the predicted class; 0 without rows
  double accuracy = 0;    // fraction of correct predictions; 0 without rows
};

struct Calibration {
  std::vector<CalibrationBin> bins;  // of equal width, from 0 to 1
  double expected_error = 0;         // mean of |accuracy - confidence|, weighted by count
};

/// The number in the paper, so that figures can be compared.
inline constexpr std::size_t kCalibrationBins = 15;

/// The calibration of probabilities [labels × classes]; at least one row.
Calibration calibrate(std::span<const float> probabilities, std::size_t classes,
                      std::span<const std::int32_t> labels, std::size_t bins = kCalibrationBins);

/// Keys expected_error and bins; confidence and accuracy of an empty bin are null.
nlohmann::ordered_json to_json(const Calibration& calibration);

}  // namespace mnist
