// Whether a classifier is right as often as it is sure to be (Guo, Pleiss, Sun and Weinberger, "On
// calibration of modern neural networks", ICML 2017).
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

namespace mnist {

/// The rows whose guess, the most probable class, has a probability in [low, high).
struct CalibrationBin {
  double low = 0;
  double high = 0;  // 1 is in the last bin
  std::size_t count = 0;
  double confidence = 0;  // mean probability of the guesses; 0 of no rows
  double accuracy = 0;    // the part of them that is right; 0 of no rows
};

struct Calibration {
  std::vector<CalibrationBin> bins;  // of equal width, from 0 to 1
  double expected_error = 0;         // mean of |accuracy - confidence|, weighted by count
};

/// As many as in the paper, so that figures compare.
inline constexpr std::size_t kCalibrationBins = 15;

/// From probabilities [labels × classes], at least one row.
Calibration calibrate(std::span<const float> probabilities, std::size_t classes,
                      std::span<const std::int32_t> labels, std::size_t bins = kCalibrationBins);

/// Keys expected_error and bins; confidence and accuracy of a bin without rows are null.
nlohmann::ordered_json to_json(const Calibration& calibration);

}  // namespace mnist
