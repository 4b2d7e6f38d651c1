// Chooses the rows of each mini-batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace mnist {

enum class Sampling {
  kShuffle,      // a shuffled pass over the training rows per epoch
  kIndependent,  // as in the article: each batch drawn anew, without replacement within a batch
};

/// The row numbers of each step's batch. They depend only on the seed and the step, so a run can
/// continue from any step.
class BatchSampler {
 public:
  /// Throws Error(kUsage) if batch_size is 0 or larger than `rows`.
  BatchSampler(Sampling sampling, std::size_t rows, std::size_t batch_size, std::uint64_t seed);

  /// rows / batch_size, rounded up. Step s belongs to epoch s / steps_per_epoch(); for independent
  /// batches this is a convention.
  std::size_t steps_per_epoch() const { return steps_per_epoch_; }

  /// The distinct rows of a step; steps may come in any order. The span is valid until the next
  /// call. Not thread-safe. There are batch_size rows, fewer in the last step of a shuffled epoch.
  std::span<const std::uint32_t> batch(std::uint64_t step) const;

 private:
  void shuffle(std::uint64_t epoch) const;
  void draw(std::uint64_t step) const;

  Sampling sampling_;
  std::size_t rows_;
  std::size_t batch_size_;
  std::size_t steps_per_epoch_;
  std::uint64_t seed_;

  // Caches the last answer; the rows of a step do not depend on it.
  mutable std::vector<std::uint32_t> order_;             // the epoch's permutation, or the batch
  mutable std::optional<std::uint64_t> shuffled_epoch_;  // of order_
  mutable std::vector<bool> drawn_;  // rows already in the batch that is being drawn
};

}  // namespace mnist
