// Messages during a sweep.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sweep/sweep_runner.h"

namespace mnist {

/// The lines of the live table, at most `width` columns wide. `seconds` is the time since the start
/// of this process.
std::vector<std::string> format_sweep_progress(const SweepProgress& progress, Metric metric,
                                               double seconds, std::size_t width);

/// Writes to standard error: on a terminal a table of a few lines that is redrawn in place, else a
/// line per tenth of the steps.
class SweepReporter : public SweepObserver {
 public:
  SweepReporter(Metric metric, bool quiet);
  ~SweepReporter() override { clear(); }
  SweepReporter(const SweepReporter&) = delete;
  SweepReporter& operator=(const SweepReporter&) = delete;

  /// Writes a line.
  void say(const std::string& line) const;

  std::unique_ptr<RunObserver> observe(const RunDirectory& run,
                                       const TrainSettings& settings) override;
  bool wants_to_stop() override;
  void on_progress(const SweepProgress& progress) override;

  /// Removes the table from the terminal.
  void clear();

  const SweepProgress& progress() const { return progress_; }

 private:
  Metric metric_;
  bool quiet_;
  bool on_terminal_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  SweepProgress progress_;
  std::size_t lines_drawn_ = 0;
  int tenths_told_ = 0;
};

}  // namespace mnist
