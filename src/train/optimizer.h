// The optimizers' common part: shares the update among threads, clips gradients, limits norms and
// keeps a moving average of the weights. Formulas and defaults are PyTorch's.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/aligned_vector.h"
#include "base/thread_pool.h"
#include "nn/network.h"
#include "nn/pass.h"
#include "train/optimizer_settings.h"
#include "train/update_rule.h"

namespace mnist {

/// Updates a network's parameters and holds the optimizer's state.
class Optimizer {
 public:
  /// Throws Error(kUsage) if max_norm is set and the network has no hidden units.
  Optimizer(const OptimizerSettings& settings, Network& network);

  /// Sets the learning rate of the next update. Call it once, before the workers start.
  void begin_step(float learning_rate);

  /// The number of updates so far, including one in progress.
  std::uint64_t steps() const { return steps_; }

  /// One update, after the forward and backward pass of a batch. All workers of a pool call it
  /// together; each updates its part of every parameter and of the layers' running statistics.
  void update(Worker& worker, Pass& pass);

  /// Swaps the network's parameters and running statistics with their exponential moving averages.
  /// Does nothing if `ema` is 0.
  ///
  /// After t updates, the next weights w change the average a to d · a + (1 - d) · w with
  /// d = min(ema, (1 + t) / (10 + t)). Early in training d is small, so that the average covers
  /// only about the last ninth of the steps and soon forgets the initial weights.
  void swap_average();

  /// The optimizer's arrays, for a checkpoint. Together with steps() they are its whole state.
  std::vector<NamedParameter> state() const;
  /// Restores the result of state() after `steps` updates. Throws Error(kBadInput) if its names or
  /// shapes differ from this optimizer's.
  void set_state(const std::vector<NamedParameter>& state, std::uint64_t steps);

 private:
  // The state of one parameter: arrays of its size, empty if unused. Running statistics of layers
  // have slots too, which use `average` only.
  struct Slot {
    std::string name;  // in a checkpoint
    std::size_t layer = 0;
    Parameter* parameter = nullptr;
    AlignedVector<float> momentum;
    AlignedVector<float> squares;
    AlignedVector<float> average;
    AlignedVector<float> gradient;       // with clipping: the whole gradient
    std::vector<double> row_norms;       // with clipping: the sum of squares of each row
    std::optional<UnitWeights> limited;  // with max_norm: the weights into hidden units
  };

  // The arrays, in the order of their numbers in a checkpoint.
  template <class OneSlot>
  static auto states(OneSlot& slot) {
    return std::array{&slot.momentum, &slot.squares, &slot.average};
  }

  std::span<Slot> trained() { return std::span(slots_).first(trained_); }
  std::span<Slot> tracked() { return std::span(slots_).subspan(trained_); }

  void streamed_update(Worker& worker, Pass& pass);
  void clipped_update(Worker& worker, Pass& pass);
  // Max-norm regularisation: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov 2014,
  // section 5.1.
  void limit_norms(Worker& worker);
  void track(Worker& worker, Pass& pass);
  // Updates the weights of a block. `gradient` is the sum over the batch, in rows of the
  // parameter's stride; `scale` makes it the mean.
  void update_block(Slot& slot, const Block& block, const float* gradient, float scale);
  // The same for the weights of this extent that start at index `begin`.
  void update_piece(Slot& slot, std::size_t begin, Extent extent, const float* gradient,
                    float scale);

  void average_piece(Slot& slot, std::size_t begin, Extent extent);

  OptimizerSettings settings_;
  std::unique_ptr<UpdateRule> rule_;
  Network& network_;
  std::vector<Slot> slots_;  // of the parameters, then of the running statistics
  std::size_t trained_ = 0;
  std::uint64_t steps_ = 0;
  float average_share_ = 0;  // the factor 1 - d on the new weights in their average
};

}  // namespace mnist
