// One training run, from its data to its directory; `train` and `sweep` share it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "base/thread_pool.h"
#include "data/model_input.h"
#include "data/split.h"
#include "nn/network.h"
#include "train/run_directory.h"
#include "train/train_settings.h"
#include "train/trainer.h"

namespace mnist {

/// The data that runs are trained and tested on. Several runs in several threads may share it.
class RunData {
 public:
  /// If `test` has no rows, there is no final test.
  RunData(Split split, Dataset test, double load_seconds, ModelInput input = {});

  const Dataset& training() const { return split_.training; }
  const Dataset& validation() const { return split_.validation; }
  const Dataset& test() const { return test_; }
  double load_seconds() const { return load_seconds_; }
  /// How the rows were prepared; the network stores it with its weights.
  const ModelInput& input() const { return input_; }

  /// The hash of the training rows, computed once.
  std::uint64_t training_hash() const;

 private:
  Split split_;
  Dataset test_;
  double load_seconds_;
  ModelInput input_;
  mutable std::once_flag hashed_;
  mutable std::uint64_t hash_ = 0;
};

struct RunStart {
  const Network& network;
  std::size_t steps;       // total of the run
  std::size_t first_step;  // steps made by an earlier process
  std::size_t threads;
  bool bits_may_differ;  // the checkpoint is of a version with other bits
};

/// Receives the progress of a run, on the training thread.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void on_start(const RunStart&) {}
  virtual void on_step(const StepRecord&) {}
  virtual void on_epoch(const EpochRecord&) {}
  /// See TrainObserver.
  virtual bool wants_validation(std::size_t /*step*/, bool epoch_ends) { return epoch_ends; }
  virtual void on_validation(const ValidationRecord&) {}
  /// A message for the user.
  virtual void on_notice(const std::string& /*line*/) {}
  /// The code that catches an exception of run_training() calls this.
  virtual void on_failure(const std::string& /*message*/) {}
  /// Called after every step but the last. Returns true to end the run now, with a checkpoint.
  virtual bool wants_to_stop() { return false; }
};

/// Trains in `run`, from its checkpoint if it has one, and writes all files of a complete run
/// except config.toml and train.log. Returns nothing if the observer stopped it. Throws the errors
/// of make_network and train, Error(kBadInput) if the checkpoint belongs to other data, and
/// Error(kFailure) if a file cannot be written.
std::optional<RunResult> run_training(RunDirectory& run, const TrainSettings& settings,
                                      const RunData& data, ThreadPool& pool, RunObserver& observer);

}  // namespace mnist
