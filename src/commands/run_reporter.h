// Messages during a training run: log lines and a progress bar.
#pragma once

#include <spdlog/logger.h>

#include <chrono>
#include <optional>
#include <string>

#include "report/progress_bar.h"
#include "train/run_directory.h"
#include "train/run_training.h"
#include "train/train_settings.h"

namespace mnist {

/// Writes lines to standard error and to the run's train.log. On a terminal a progress bar replaces
/// the lines about progress, which then go to the log only.
class RunReporter : public RunObserver {
 public:
  /// With `quiet`, nothing goes to standard error. Every `report_every` steps (0: never) a line of
  /// JSON with the validation figures goes to standard output.
  RunReporter(const RunDirectory& run, const TrainSettings& settings, bool quiet,
              std::size_t report_every = 0);

  /// Writes a line.
  void say(const std::string& line);

  void on_notice(const std::string& line) override { say(line); }
  void on_start(const RunStart& start) override;
  void on_step(const StepRecord& record) override;
  void on_epoch(const EpochRecord& record) override;
  bool wants_validation(std::size_t step, bool epoch_ends) override;
  void on_validation(const ValidationRecord& record) override;
  /// True after a stop signal, or when standard output can no longer be written.
  bool wants_to_stop() override;
  /// Removes the progress bar after training.
  void end();

  /// The error of writing to standard output, if there was one.
  const std::optional<std::string>& output_failure() const { return output_failure_; }

  std::size_t steps() const { return steps_; }  // total of the run
  std::size_t step() const { return step_; }    // the last finished step

  /// Writes an error to the log only; main() prints it.
  void on_failure(const std::string& message) override;

 private:
  bool reports(std::size_t step) const { return report_every_ > 0 && step % report_every_ == 0; }
  void say_progress(const StepRecord& record);

  const TrainSettings& settings_;
  bool bar_wanted_;
  std::size_t report_every_;
  std::optional<std::string> output_failure_;
  spdlog::logger log_;
  std::optional<ProgressBar> bar_;
  SmoothedLoss loss_;
  std::size_t steps_ = 0;
  std::size_t done_before_ = 0;
  std::size_t step_ = 0;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace mnist
