// The training loop: from settings and data to a trained network and its records.
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
  float loss = 0;  // the mini-batch's mean before the update
};

/// The network after a step, measured on the validation rows.
struct ValidationRecord {
  std::size_t step = 0;  // 1-based
  double loss = 0;
  double accuracy = 0;
  double seconds = 0;  // of training since the start
};

/// A row of epochs.csv. Validation figures are absent where they were not measured.
struct EpochRecord {
  std::size_t epoch = 0;
  std::size_t step = 0;
  double train_loss = 0;  // mean over the epoch's mini-batches
  std::optional<double> validation_loss;
  std::optional<double> validation_accuracy;
  double seconds = 0;  // of training since the start
};

/// The losses and the accuracy are those of the epoch whose weights the network is left with.
struct TrainOutcome {
  std::size_t steps = 0;  // fewer than total_steps() where early stopping ended them
  double epochs = 0;      // passes over the training rows, e.g. 10.67
  double train_seconds = 0;
  double samples_per_second = 0;
  std::optional<std::uint64_t> kept_epoch;  // 1-based; empty: the last one
  double train_loss = 0;                    // mean over the epoch's mini-batches
  std::optional<double> validation_loss;
  std::optional<double> validation_accuracy;
  OptimizerState optimizer;  // as further training takes it up
};

/// What is to happen between two steps.
enum class BetweenSteps {
  kGoOn,
  kSave,         // on_checkpoint, then the next step
  kSaveAndStop,  // on_checkpoint, then the end
};

/// Told of progress as it happens, on the training thread.
class TrainObserver {
 public:
  virtual ~TrainObserver() = default;
  virtual void on_step(const StepRecord&) {}
  virtual void on_epoch(const EpochRecord&) {}

  /// Asked after every step where there are validation rows: whether to measure the network on
  /// them. After the last step, and where early stopping looks at them, it is measured anyway.
  virtual bool wants_validation(std::size_t /*step*/, bool epoch_ends) { return epoch_ends; }
  virtual void on_validation(const ValidationRecord&) {}

  /// Asked after every step but the last.
  virtual BetweenSteps between_steps() { return BetweenSteps::kGoOn; }
  virtual void on_checkpoint(const Checkpoint&) {}
};

/// Number of steps that the settings ask for on that many training rows.
std::size_t total_steps(const TrainSettings& settings, std::size_t training_rows);

/// The network that the settings describe for such data, initialised from the seed or from
/// `init_weights`.
Network make_network(const TrainSettings& settings, const Dataset& training);

/// Throws Error(kUsage) for settings that contradict each other or the data, as train() would but
/// for the validation rows.
void check_settings(const TrainSettings& settings, const Dataset& training);

/// Throws Error(kUsage) where the settings need validation rows and there are none.
void check_validation(const StoppingSettings& settings, bool any_rows);

/// Trains `network` in place by all threads of `pool`. `validation` may have no rows. Throws
/// Error(kUsage) for settings that contradict each other or the data, Error(kDiverged) naming the
/// step and the likely cause. With a checkpoint, of the same data, it goes on from there to the
/// same bits; throws Error(kBadInput) where that, or init_optimizer, is of another network. Returns
/// nothing where the observer stopped it.
std::optional<TrainOutcome> train(Network& network, const TrainSettings& settings,
                                  const Dataset& training, const Dataset& validation,
                                  ThreadPool& pool, TrainObserver& observer,
                                  const Checkpoint* checkpoint = nullptr);

}  // namespace mnist
