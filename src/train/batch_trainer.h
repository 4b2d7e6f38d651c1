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

/// How to distort the images of a batch.
struct Distortion {
  const Augmenter& augmenter;
  std::uint64_t epoch;
  float strength;
};

class BatchTrainer {
 public:
  /// Trains `network` in place, with the threads of `pool`, on batches of up to `max_batch` rows.
  /// Layers with random numbers, such as dropout, draw them from `seed`.
  BatchTrainer(Network& network, const LossSettings& loss, const OptimizerSettings& optimizer,
               std::size_t max_batch, ThreadPool& pool, InputForm form = InputForm::kPixels,
               std::uint64_t seed = 0);

  /// One update from these rows of `data`. Returns their mean loss before the update. Threads that
  /// wait at a barrier meanwhile load `upcoming`, the rows of the next step, and one of them calls
  /// `aside` once; it must not throw.
  double step(const Dataset& data, std::span<const std::uint32_t> rows, float learning_rate,
              std::span<const std::uint32_t> upcoming = {}, const Distortion* distortion = nullptr,
              const std::function<void()>& aside = {});

  Optimizer& optimizer() { return optimizer_; }

  /// The outputs of the last step's forward pass: [rows × classes].
  ConstMatrix probabilities() { return pass_.output(); }
  /// The labels of the last step's rows.
  std::span<const std::int32_t> labels() const { return {labels_.data(), pass_.rows()}; }

 private:
  // Runs work(Worker&) on all threads or on one, whichever is faster. Only full batches are timed,
  // because ThreadChoice compares equal amounts of work.
  template <class Work>
  void run(Work work, bool full_batch);

  // Loads the batch into the pass; each worker loads its share of the rows.
  void load(Worker& worker, const Dataset& data, std::span<const std::uint32_t> rows,
            const Distortion* distortion);

  // The next part to load ahead, on cache lines of its own to avoid false sharing.
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
  std::vector<std::uint8_t> distorted_;  // [max_batch × features]; empty without distortion
  std::vector<std::uint32_t> ahead_;     // the rows loaded ahead
  std::array<NextPart, 2> parts_ahead_;  // of each half of the features
};

}  // namespace mnist
