// One step of mini-batch training: forward, loss, backward, update.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/thread_choice.h"
#include "base/thread_pool.h"
#include "data/augmentation.h"
#include "data/dataset.h"
#include "nn/loss.h"
#include "nn/network.h"
#include "nn/pass.h"
#include "train/optimizer.h"

namespace mnist {

/// How a batch's images are distorted before the network sees them.
struct Distortion {
  const Augmenter& augmenter;
  std::uint64_t epoch;
  float strength;
};

class BatchTrainer {
 public:
  /// Trains `network` in place, by all threads of `pool`, on batches of up to `max_batch` rows.
  /// Random layers draw from `seed`.
  BatchTrainer(Network& network, const LossSettings& loss, const OptimizerSettings& optimizer,
               std::size_t max_batch, ThreadPool& pool, InputForm form = InputForm::kPixels,
               std::uint64_t seed = 0);

  /// One update from these rows of `data`; their mean loss before it. The rows of the step to come
  /// are read meanwhile, by whichever thread would have to wait for another. One of the threads
  /// calls `aside`, once, likewise; it must not throw.
  double step(const Dataset& data, std::span<const std::uint32_t> rows, float learning_rate,
              std::span<const std::uint32_t> upcoming = {}, const Distortion* distortion = nullptr,
              const std::function<void()>& aside = {});

  Optimizer& optimizer() { return optimizer_; }

  /// What the last step's forward pass gave its rows: [rows × classes].
  ConstMatrix probabilities() { return pass_.output(); }
  /// The labels of these rows.
  std::span<const std::int32_t> labels() const { return {labels_.data(), pass_.rows()}; }

 private:
  // Runs work(Worker&) by as many threads as are fastest; full batches tell how many those are.
  template <class Work>
  void run(Work work, bool full_batch);

  // Puts the batch in place, by each worker its share.
  void load(Worker& worker, const Dataset& data, std::span<const std::uint32_t> rows,
            const Distortion* distortion);

  // The next part that nobody loads yet.
  struct alignas(128) NextPart {
    std::atomic<std::size_t> part{0};
  };

  Network& network_;
  Loss loss_;
  Optimizer optimizer_;
  Pass pass_;
  ThreadPool& pool_;
  ThreadChoice threads_;
  std::uint64_t seed_;
  std::vector<std::int32_t> labels_;
  std::vector<float> row_losses_;
  std::vector<std::uint8_t> distorted_;  // [max_batch × features], once distortion is asked for
  std::vector<std::uint32_t> ahead_;     // the rows that are loaded already
  std::array<NextPart, 2> parts_ahead_;  // of each half of the features
};

}  // namespace mnist
