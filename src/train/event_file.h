// A run's records in TensorBoard's format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string_view>

#include "base/growing_file.h"
#include "report/run_curves.h"
#include "train/trainer.h"

namespace mnist {

/// A file of scalars by step, each with the time of writing: train/loss, train/learning_rate,
/// train/epoch_loss, validation/loss and validation/accuracy.
class EventFile {
 public:
  /// Opens the file, drops its records after `step`, and continues behind the rest; with no record
  /// left it starts a new file. Throws Error(kFailure) if the file cannot be written.
  EventFile(std::filesystem::path path, std::size_t step);

  /// Whether the file had no records of an earlier process to keep.
  bool is_new() const { return kept_ == 0; }

  void record(const StepRecord& record);
  void record(const EpochRecord& record);
  void record(const ValidationRecord& record);
  /// Adds all points of the curves of a run.
  void record(const RunCurves& curves);

  void flush() { file_.flush(); }
  void sync() { file_.sync(); }

 private:
  struct Scalar {
    std::string_view tag;
    double value;
  };

  void append(std::size_t step, std::initializer_list<Scalar> scalars);
  void append(std::string_view tag, const Curve& curve);

  std::uintmax_t kept_;  // bytes kept from an earlier process
  GrowingFile file_;
};

}  // namespace mnist
