// The curves in a run's loss.csv and epochs.csv, prepared for drawing.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

namespace mnist {

struct CurvePoint {
  double step = 0;
  double value = 0;
};

using Curve = std::vector<CurvePoint>;  // in the order of steps

struct RunCurves {
  Curve loss;                 // of mini-batches
  Curve learning_rate;        // at the same steps
  Curve epoch_loss;           // mean over an epoch's mini-batches
  Curve validation_loss;      // at the ends of epochs; empty without validation
  Curve validation_accuracy;  // likewise; from 0 to 1
};

/// Reads both files. Skips values that are not finite, and an incomplete last line, which a file
/// has while it is written. Throws Error(kBadInput) naming the file, and line or column, if a file
/// is missing or malformed.
RunCurves read_run_curves(const std::filesystem::path& loss_csv,
                          const std::filesystem::path& epochs_csv);

/// Smooths a curve: each value becomes a weighted mean, in which a point n steps away has the
/// weight exp(-n / length). The mean uses at most as many points after a point as before it, so
/// that the first value stays. `length` is above 0.
Curve smoothed(std::span<const CurvePoint> curve, double length);

/// Reduces a curve to at most 2 * `columns` points that look the same when drawn `columns` pixels
/// wide: divides the points into columns and keeps the lowest and the highest point of each.
Curve thinned(std::span<const CurvePoint> curve, std::size_t columns);

}  // namespace mnist
