// The records of a run as TensorBoard reads them.
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

/// A file of scalars by step, each with the time of its writing: train/loss and train/learning_rate
/// of steps, train/epoch_loss, validation/loss and validation/accuracy.
class EventFile {
 public:
  /// Begins the file, or goes on after what it holds of steps up to `step`. Throws Error(kFailure)
  /// where it cannot be written.
  EventFile(std::filesystem::path path, std::size_t step);

  /// Whether nothing of an earlier process was there to go on with.
  bool is_new() const { return kept_ == 0; }

  void record(const StepRecord& record);
  void record(const EpochRecord& record);
  void record(const ValidationRecord& record);
  /// What a run has recorded elsewhere.
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

  std::uintmax_t kept_;  // bytes of an earlier process
  GrowingFile file_;
};

}  // namespace mnist
