// The training loop.
#pragma once

#include <cstddef>
#include <optional>

#include "base/thread_pool.h"
#include "data/dataset.h"
#include "nn/network.h"
#include "train/checkpoint.h"
#include "train/optimizer_state.h"
#include "train/train_settings.h"

namespace mnist {

/// A row of loss.csv.
struct StepRecord {
  std::size_t step = 0;   // 1-based
  std::size_t epoch = 0;  // 1-based
  float learning_rate = 0;
  float loss = 0;  // mean over the mini-batch, before the update
};

/// The figures of the network on the validation rows after a step.
struct ValidationRecord {
  std::size_t step = 0;  // 1-based
  double loss = 0;
  double accuracy = 0;
  double seconds = 0;  // of training since the start
};

/// A row of epochs.csv. Validation figures are empty if they were not measured.
struct EpochRecord {
  std::size_t epoch = 0;
  std::size_t step = 0;
  double train_loss = 0;  // mean over the epoch's mini-batches
  std::optional<double> validation_loss;
  std::optional<double> validation_accuracy;
  double seconds = 0;  // of training since the start
};

/// The result of training. Losses and accuracy belong to the epoch whose weights were kept.
struct TrainOutcome {
  std::size_t steps = 0;  // fewer than total_steps() after early stopping
  double epochs = 0;      // passes over the training rows, e.g. 10.67
  double train_seconds = 0;
  double samples_per_second = 0;
  std::optional<std::uint64_t> kept_epoch;  // 1-based; empty: the last weights were kept
  double train_loss = 0;                    // mean over the epoch's mini-batches
  std::optional<double> validation_loss;
  std::optional<double> validation_accuracy;
  OptimizerState optimizer;  // for training the network further
};

/// What to do between two steps.
enum class BetweenSteps {
  kGoOn,
  kSave,         // call on_checkpoint() and continue
  kSaveAndStop,  // call on_checkpoint() and end
};

/// Receives the progress of training, on the training thread.
class TrainObserver {
 public:
  virtual ~TrainObserver() = default;
  virtual void on_step(const StepRecord&) {}
  virtual void on_epoch(const EpochRecord&) {}

  /// Called after every step: whether to measure the network on the validation rows, if there are
  /// any. It is always measured after the last step, and after every epoch if early stopping or
  /// Keep::kBest needs that.
  virtual bool wants_validation(std::size_t /*step*/, bool epoch_ends) { return epoch_ends; }
  virtual void on_validation(const ValidationRecord&) {}

  /// Called after every step but the last.
  virtual BetweenSteps between_steps() { return BetweenSteps::kGoOn; }
  virtual void on_checkpoint(const Checkpoint&) {}
};

/// The number of training steps, from the settings and the number of training rows.
std::size_t total_steps(const TrainSettings& settings, std::size_t training_rows);

/// The network that the settings describe, with the shape and classes of the data, initialised from
/// the seed or from `init_weights`.
Network make_network(const TrainSettings& settings, const Dataset& training);

/// Throws the Error(kUsage) that train() would throw for settings that contradict each other or the
/// data, except for missing validation rows.
void check_settings(const TrainSettings& settings, const Dataset& training);

/// Throws Error(kUsage) if the settings need validation rows and there are none.
void check_validation(const StoppingSettings& settings, bool any_rows);

/// Trains `network` in place with the threads of `pool`. `validation` may have no rows. With a
/// checkpoint of the same data it continues from there, to the same bits. Returns nothing if the
/// observer stopped it. Throws Error(kUsage) for settings that contradict each other or the data,
/// Error(kBadInput) if the checkpoint or init_optimizer belongs to another network, and
/// Error(kDiverged), naming the step and the likely cause.
std::optional<TrainOutcome> train(Network& network, const TrainSettings& settings,
                                  const Dataset& training, const Dataset& validation,
                                  ThreadPool& pool, TrainObserver& observer,
                                  const Checkpoint* checkpoint = nullptr);

}  // namespace mnist
