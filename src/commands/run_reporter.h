// What a training run says while it runs: log lines, a progress bar, rows in its directory.
#pragma once

#include <spdlog/logger.h>

#include <chrono>
#include <optional>
#include <string>

#include "report/progress_bar.h"
#include "train/run_directory.h"
#include "train/train_settings.h"
#include "train/trainer.h"

namespace mnist {

/// Lines go to standard error and to the run's train.log. On a terminal a progress bar takes the
/// place of the lines about progress, which then go to the log alone.
class RunReporter : public TrainObserver {
 public:
  /// `quiet`: nothing on standard error.
  RunReporter(RunDirectory& run, const TrainSettings& settings, bool quiet);

  /// A line about what happens.
  void say(const std::string& line);

  /// Training of `steps` steps begins.
  void begin(std::size_t steps);
  void on_step(const StepRecord& record) override;
  void on_epoch(const EpochRecord& record) override;
  /// Training is over: takes the bar away and puts what was recorded into the files.
  void end();

  /// Puts an error, which whoever catches it prints, into the log as well.
  void note_failure(const std::string& message);

 private:
  void say_progress(const StepRecord& record);

  RunDirectory& run_;
  const TrainSettings& settings_;
  bool bar_wanted_;
  spdlog::logger log_;
  std::optional<ProgressBar> bar_;
  SmoothedLoss loss_;
  std::size_t steps_ = 0;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace mnist
