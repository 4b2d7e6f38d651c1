// Which rows make up which mini-batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace mnist {

enum class Sampling {
  kShuffle,      // a shuffled pass over the training rows per epoch
  kIndependent,  // the article's: each batch drawn anew, without replacement inside a batch
};

/// The row numbers of each step's batch. They follow from the seed and the step alone, so a run
/// can go on from any step.
class BatchSampler {
 public:
  /// Throws Error(kUsage) where batch_size is 0 or larger than `rows`.
  BatchSampler(Sampling sampling, std::size_t rows, std::size_t batch_size, std::uint64_t seed);

  /// rows / batch_size, rounded up: step s belongs to epoch s / steps_per_epoch(), by convention
  /// also where batches are independent.
  std::size_t steps_per_epoch() const { return steps_per_epoch_; }

  /// The distinct rows of step 0, 1, 2, ... in any order of calls; valid until the next call, and
  /// not to be asked for by several threads at once. There are batch_size of them, but for a
  /// shuffled epoch's last step, which has what is left of the epoch.
  std::span<const std::uint32_t> batch(std::uint64_t step) const;

 private:
  void shuffle(std::uint64_t epoch) const;
  void draw(std::uint64_t step) const;

  Sampling sampling_;
  std::size_t rows_;
  std::size_t batch_size_;
  std::size_t steps_per_epoch_;
  std::uint64_t seed_;

  // The last answer: nothing that a step's rows depend on.
  mutable std::vector<std::uint32_t> order_;             // the epoch's permutation, or the batch
  mutable std::optional<std::uint64_t> shuffled_epoch_;  // of order_
  mutable std::vector<bool> drawn_;                      // rows of the batch that is being drawn
};

}  // namespace mnist
