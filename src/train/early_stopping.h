// Early stopping: finds the epoch with the lowest validation loss, and ends training when the loss
// has not improved for some epochs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "nn/layer.h"
#include "nn/network.h"

namespace mnist {

enum class Keep { kLast, kBest };

struct StoppingSettings {
  /// Training stops after this many epochs without a lower validation loss; 0: never.
  std::size_t patience = 0;
  /// Which weights to keep: those of the last epoch, or of the one with the lowest validation loss.
  Keep keep = Keep::kLast;

  bool needs_validation() const { return patience > 0 || keep == Keep::kBest; }
};

/// The figures of a finished epoch.
struct EpochFigures {
  std::uint64_t epoch = 0;  // 1-based; 0: no epoch yet
  double train_loss = 0;
  double validation_loss = 0;
  double validation_accuracy = 0;
};

struct BestEpoch {
  EpochFigures figures;
  std::vector<NamedParameter> parameters;  // the weights that were measured; only for Keep::kBest
};

class EarlyStopping {
 public:
  explicit EarlyStopping(const StoppingSettings& settings) : settings_(settings) {}

  /// Takes the figures of an epoch and the network they belong to. Call it once per epoch, in
  /// order.
  void look(const EpochFigures& figures, const Network& network);

  /// Whether training should stop.
  bool over() const { return over_; }

  /// The first epoch with the lowest validation loss so far. A checkpoint stores it and sets it
  /// again.
  const BestEpoch& best() const { return best_; }
  void set_best(BestEpoch best) { best_ = std::move(best); }

  /// Sets `network` to the best weights and returns the figures of their epoch. Returns nullptr and
  /// leaves the network alone for Keep::kLast, or if no epoch had a validation loss.
  const EpochFigures* restore(Network& network) const;

 private:
  StoppingSettings settings_;
  BestEpoch best_;
  bool over_ = false;
};

}  // namespace mnist
