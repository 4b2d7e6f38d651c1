// Watches the validation loss: which epoch was the best, and whether it is time to stop.
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
  /// Training stops after so many epochs without a lower validation loss; 0: it runs to its end.
  std::size_t patience = 0;
  /// Which epoch's weights are left behind: the last one's, or those of the lowest validation loss.
  Keep keep = Keep::kLast;

  bool needs_validation() const { return patience > 0 || keep == Keep::kBest; }
};

/// What is known of an epoch once it is over.
struct EpochFigures {
  std::uint64_t epoch = 0;  // 1-based; 0: there was none
  double train_loss = 0;
  double validation_loss = 0;
  double validation_accuracy = 0;
};

struct BestEpoch {
  EpochFigures figures;
  std::vector<NamedParameter> parameters;  // as they were measured, where they are to be kept
};

class EarlyStopping {
 public:
  explicit EarlyStopping(const StoppingSettings& settings) : settings_(settings) {}

  /// Looks at an epoch that was measured on `network`, each epoch once and in order.
  void look(const EpochFigures& figures, const Network& network);

  /// Whether the epochs looked at so far end the training.
  bool over() const { return over_; }

  /// The first epoch of the lowest validation loss so far, for a checkpoint, and taken from one.
  const BestEpoch& best() const { return best_; }
  void set_best(BestEpoch best) { best_ = std::move(best); }

  /// Puts the weights to keep into `network` and returns that epoch's figures; nullptr, and the
  /// network as it is, where the last ones are to be kept or no epoch had a loss to compare.
  const EpochFigures* restore(Network& network) const;

 private:
  StoppingSettings settings_;
  BestEpoch best_;
  bool over_ = false;
};

}  // namespace mnist
