// Gradient descent and its descendants, with PyTorch's formulas and defaults.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
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

/// Updates a network's parameters and keeps the state this takes.
class Optimizer {
 public:
  /// Throws Error(kUsage) for a norm of hidden units in a network that has none.
  Optimizer(const OptimizerSettings& settings, Network& network);

  /// Fixes the learning rate of the next update. To be called once before its workers start.
  void begin_step(float learning_rate);

  /// Updates made so far, including one that has begun.
  std::uint64_t steps() const { return steps_; }

  /// One update from the batch whose forward and backward pass is complete. All workers of a pool
  /// call it together; each updates its own part of every parameter, and of what layers track.
  void update(Worker& worker, Pass& pass);

  /// Exchanges the network's parameters, and what its layers track, with their moving average.
  /// Without one it does nothing.
  ///
  /// After t updates, the next weights w make the average a become d · a + (1 - d) · w with
  /// d = min(ema, (1 + t) / (10 + t)): it never reaches back further than about the last ninth of
  /// the training so far, and soon forgets the initial weights.
  void swap_average();

  /// The running averages, for a checkpoint; together with the number of updates made so far they
  /// are all that the next ones need.
  std::vector<NamedParameter> state() const;
  /// Takes what state() gave after `steps` updates. Throws Error(kBadInput) where it does not fit.
  void set_state(const std::vector<NamedParameter>& state, std::uint64_t steps);

 private:
  // What is kept of one parameter, in arrays of its size: what the rule keeps, and with an average
  // the weights' own. What layers track has the last one alone.
  struct Slot {
    std::string name;  // in a checkpoint
    std::size_t layer = 0;
    Parameter* parameter = nullptr;
    AlignedVector<float> momentum;
    AlignedVector<float> squares;
    AlignedVector<float> average;
    AlignedVector<float> gradient;       // with clipping: the whole of it
    std::vector<double> row_norms;       // with clipping: each row's sum of squares
    std::optional<UnitWeights> limited;  // the weights of units whose norms are limited
  };

  // In the order of their numbers in a checkpoint.
  template <class OneSlot>
  static auto states(OneSlot& slot) {
    return std::array{&slot.momentum, &slot.squares, &slot.average};
  }

  std::span<Slot> trained() { return std::span(slots_).first(trained_); }
  std::span<Slot> tracked() { return std::span(slots_).subspan(trained_); }

  void streamed_update(Worker& worker, Pass& pass);
  void clipped_update(Worker& worker, Pass& pass);
  // Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov 2014, section 5.1.
  void limit_norms(Worker& worker);
  void track(Worker& worker, Pass& pass);
  // w of this block from its gradient, a sum over the batch that `scale` averages, at the
  // parameter's stride.
  void update_block(Slot& slot, const Block& block, const float* gradient, float scale);
  // The same for the weights of this extent from `begin` on.
  void update_piece(Slot& slot, std::size_t begin, Extent extent, const float* gradient,
                    float scale);

  void average_piece(Slot& slot, std::size_t begin, Extent extent);

  OptimizerSettings settings_;
  std::unique_ptr<UpdateRule> rule_;
  Network& network_;
  std::vector<Slot> slots_;  // those of the parameters, then those of what is tracked
  std::size_t trained_ = 0;
  std::uint64_t steps_ = 0;
  float average_share_ = 0;  // of the new weights in their average
};

}  // namespace mnist
