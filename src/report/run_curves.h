// The curves that a training run leaves in loss.csv and epochs.csv, ready to be drawn.
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
  Curve learning_rate;        // of the same steps
  Curve epoch_loss;           // means over the epochs' mini-batches
  Curve validation_loss;      // at the ends of epochs; none without a validation set
  Curve validation_accuracy;  // from 0 to 1
};

/// Reads both files. Values that are not finite are left out, and so is a last line without its
/// end, which a file being written has. Throws Error(kBadInput) naming the file, and the line or
/// column, for one that is missing or not of this form.
RunCurves read_run_curves(const std::filesystem::path& loss_csv,
                          const std::filesystem::path& epochs_csv);

/// Each point as the mean of those around it, of which one n steps away counts exp(-n / length).
/// There are at most as many after it as before it, so that the curve starts where it did. `length`
/// is above 0.
Curve smoothed(std::span<const CurvePoint> curve, double length);

/// A curve of at most 2 * `columns` points that looks the same when drawn that many pixels wide:
/// the lowest and the highest point of each of the columns, which have equally many points.
Curve thinned(std::span<const CurvePoint> curve, std::size_t columns);

}  // namespace mnist
