// One training run from its data to its directory, whoever asked for it.
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

/// What runs are trained and tested on. Several runs may share it, in several threads.
class RunData {
 public:
  /// `test` without rows: no final test.
  RunData(Split split, Dataset test, double load_seconds, ModelInput input = {});

  const Dataset& training() const { return split_.training; }
  const Dataset& validation() const { return split_.validation; }
  const Dataset& test() const { return test_; }
  double load_seconds() const { return load_seconds_; }
  /// How the rows were prepared, which the network is to remember.
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
  std::size_t steps;       // of the whole run
  std::size_t first_step;  // made already by an earlier process
  std::size_t threads;
  bool bits_may_differ;  // from those of the process that made the first steps
};

/// Told of a run as it goes, on the thread that trains.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void on_start(const RunStart&) {}
  virtual void on_step(const StepRecord&) {}
  virtual void on_epoch(const EpochRecord&) {}
  /// As TrainObserver's.
  virtual bool wants_validation(std::size_t /*step*/, bool epoch_ends) { return epoch_ends; }
  virtual void on_validation(const ValidationRecord&) {}
  /// A sentence that the user should know.
  virtual void on_notice(const std::string& /*line*/) {}
  /// Told by whoever catches what run_training throws.
  virtual void on_failure(const std::string& /*message*/) {}
  /// Asked after every step but the last; true ends the run here, after its checkpoint is safe.
  virtual bool wants_to_stop() { return false; }
};

/// Trains in `run`, from the checkpoint in it where there is one, and leaves all files of a
/// complete run but its config.toml and train.log. Returns nothing where the observer stopped it.
/// Throws what make_network and train throw, Error(kBadInput) where the checkpoint is of other
/// data, and Error(kFailure) where a file cannot be written.
std::optional<RunResult> run_training(RunDirectory& run, const TrainSettings& settings,
                                      const RunData& data, ThreadPool& pool, RunObserver& observer);

}  // namespace mnist
