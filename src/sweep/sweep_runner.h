// Trains the trials of a sweep in parallel, in one process or in several that share a directory.
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

/// Every `count`-th trial, beginning with number `index` (from 0).
struct Shard {
  std::size_t index = 0;
  std::size_t count = 1;
};

struct SweepPlan {
  std::filesystem::path directory;
  std::vector<Trial> trials;
  std::size_t seeds = 1;  // runs per trial
  Metric metric = Metric::kValidationAccuracy;
  std::vector<Rung> rungs;  // the last rung trains in full
  Shard shard;              // with more than one rung: the whole sweep
  bool events = false;      // write event files for TensorBoard
};

struct SweepProgress {
  std::size_t trials = 0;  // in this process's shard
  std::size_t done = 0;    // complete, collapsed or stopped early
  std::size_t collapsed = 0;
  double steps = 0;       // estimated total
  double steps_done = 0;  // by any process
  double steps_made = 0;  // by this process since its start
  const Trial* best = nullptr;
  double best_mean = 0;  // its metric at its last validation
};

class SweepObserver {
 public:
  virtual ~SweepObserver() = default;
  /// Creates the observer of one run. Called on the thread that trains the run.
  virtual std::unique_ptr<RunObserver> observe(const RunDirectory& run,
                                               const TrainSettings& settings) = 0;
  /// Called often, on any thread; return true to pause the sweep.
  virtual bool wants_to_stop() { return false; }
  /// Called a few times per second and at the end, on the thread that called run_sweep.
  virtual void on_progress(const SweepProgress&) {}
};

/// Trains the plan's unfinished trials, up to `jobs` at a time, and waits for trials of other
/// processes. The results, in the sweep's directory, do not depend on `jobs`, on other processes or
/// on interruptions. A collapsed trial is recorded; any other error ends the sweep. Returns false
/// if the observer stopped it; the interrupted runs have then written checkpoints.
bool run_sweep(const SweepPlan& plan, const RunData& data, std::size_t jobs,
               SweepObserver& observer);

}  // namespace mnist
