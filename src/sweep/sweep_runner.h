// Trains the trials of a sweep, several at a time, in one process or in several that share a
// directory.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sweep/method.h"
#include "sweep/sweep_results.h"
#include "sweep/trial.h"
#include "train/run_training.h"

namespace mnist {

/// Every `count`-th trial, from `index` (0 the first) on.
struct Shard {
  std::size_t index = 0;
  std::size_t count = 1;
};

struct SweepPlan {
  std::filesystem::path directory;
  std::vector<Trial> trials;
  std::size_t seeds = 1;  // runs a trial
  Metric metric = Metric::kValidationAccuracy;
  std::vector<Rung> rungs;  // the last one in full
  Shard shard;              // the whole sweep where there is more than one rung
  bool events = false;      // runs are recorded for TensorBoard as well
};

struct SweepProgress {
  std::size_t trials = 0;  // of this process's share
  std::size_t done = 0;    // complete, collapsed or given up
  std::size_t collapsed = 0;
  double steps = 0;       // in all, as far as one can tell
  double steps_done = 0;  // by whomever
  double steps_made = 0;  // by this process since its start
  const Trial* best = nullptr;
  double best_mean = 0;  // its metric where it was measured last
};

class SweepObserver {
 public:
  virtual ~SweepObserver() = default;
  /// Told of one run as it goes. Called from the thread that trains it.
  virtual std::unique_ptr<RunObserver> observe(const RunDirectory& run,
                                               const TrainSettings& settings) = 0;
  /// Asked often, by any thread; true pauses the sweep.
  virtual bool wants_to_stop() { return false; }
  /// Called a few times a second and at the end, on the thread of run_sweep.
  virtual void on_progress(const SweepProgress&) {}
};

/// Trains what has not ended of the plan's trials, up to `jobs` at a time, and waits for those that
/// other processes are at work on. The results, which are in the directory afterwards, do not
/// depend on `jobs`, on other processes or on interruptions. A trial that collapses is recorded;
/// any other error ends the sweep. Returns false where the observer wanted it to stop: all runs
/// in training have then written their checkpoints.
bool run_sweep(const SweepPlan& plan, const RunData& data, std::size_t jobs,
               SweepObserver& observer);

}  // namespace mnist
