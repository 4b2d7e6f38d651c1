#include "train/batch_trainer.h"

#include <algorithm>
#include <chrono>
#include <numeric>

namespace mnist {

BatchTrainer::BatchTrainer(Network& network, const LossSettings& loss,
                           const OptimizerSettings& optimizer, std::size_t max_batch,
                           ThreadPool& pool, InputForm form, std::uint64_t seed)
    : network_(network),
      loss_(loss, network.output_activation()),
      optimizer_(optimizer, network),
      pass_(network, max_batch, Pass::Kind::kTraining, form),
      pool_(pool),
      seed_(seed),
      labels_(max_batch),
      row_losses_(max_batch) {}

template <class Work>
void BatchTrainer::run(Work work, bool full_batch) {
  if (pool_.size() == 1) return pool_.run(work);
  const auto begin = std::chrono::steady_clock::now();
  if (threads_.alone()) {
    Worker alone = Worker::alone();
    work(alone);
  } else {
    pool_.run(work);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  if (full_batch) threads_.took(took.count());
}

void BatchTrainer::load(Worker& worker, const Dataset& data, std::span<const std::uint32_t> rows,
                        const Distortion* distortion) {
  if (data.has_floats()) {
    pass_.input().load(worker, rows.size(), [&](std::size_t r) { return data.float_row(rows[r]); });
  } else if (distortion == nullptr) {
    pass_.input().load(worker, rows.size(), [&](std::size_t r) { return data.row(rows[r]); });
  } else {
    const auto image = [&](std::size_t r) { return distorted_.data() + r * data.features(); };
    const Range share = row_share(worker, rows.size());
    for (std::size_t r = share.begin; r < share.end; ++r) {
      distortion->augmenter.distort(data.row(rows[r]), distortion->epoch, rows[r], labels_[r],
                                    distortion->strength, image(r));
    }
    worker.barrier();
    pass_.input().load(worker, rows.size(), image);
  }
  worker.barrier();
}

double BatchTrainer::step(const Dataset& data, std::span<const std::uint32_t> rows,
                          float learning_rate, std::span<const std::uint32_t> upcoming,
                          const Distortion* distortion, const std::function<void()>& aside) {
  if (distortion != nullptr) distorted_.resize(labels_.size() * data.features());
  pass_.set_rows(rows.size());
  pass_.set_moment(seed_, optimizer_.steps());
  optimizer_.begin_step(learning_rate);
  const bool loaded = distortion == nullptr && !ahead_.empty() && std::ranges::equal(ahead_, rows);
  if (loaded) pass_.input().advance();
  // Distorted images do not exist yet, so they cannot be loaded ahead.
  const std::size_t parts =
      distortion == nullptr && !upcoming.empty() ? pass_.input().parts_ahead() : 0;
  ahead_.clear();
  if (parts > 0) ahead_.assign(upcoming.begin(), upcoming.end());
  for (NextPart& next : parts_ahead_) next.part = 0;
  const auto pixels_ahead = [&](std::size_t r) { return data.row(upcoming[r]); };
  double loss = 0;
  std::atomic<bool> aside_taken{!aside};
  const auto work = [&](Worker& worker) {
    // Each worker starts with the half of the features that it will read itself (cache locality).
    auto load_ahead = [&, own = worker.index() % 2] {
      for (const std::size_t half : {own, 1 - own}) {
        std::atomic<std::size_t>& next = parts_ahead_[half].part;
        if (next.load(std::memory_order_relaxed) >= parts) continue;
        const std::size_t part = next.fetch_add(1, std::memory_order_relaxed);
        if (part >= parts) continue;
        pass_.input().load_ahead(half, part, upcoming.size(), pixels_ahead);
        return true;
      }
      return false;
    };
    const Range share = row_share(worker, rows.size());
    for (std::size_t r = share.begin; r < share.end; ++r) labels_[r] = data.labels[rows[r]];
    if (!loaded) load(worker, data, rows, distortion);
    auto spare_work = [&] {
      if (aside_taken.load(std::memory_order_relaxed) || aside_taken.exchange(true)) {
        return load_ahead();
      }
      aside();
      return true;
    };
    worker.while_waiting(spare_work);
    if (data.has_floats()) {
      pass_.input().prefetch(worker, upcoming.size(),
                             [&](std::size_t r) { return data.float_row(upcoming[r]); });
    } else {
      pass_.input().prefetch(worker, upcoming.size(), pixels_ahead);
    }
    network_.forward(worker, pass_);
    loss_.forward(pass_.output().row_range(share.begin, share.end), labels_.data() + share.begin,
                  row_losses_.data() + share.begin,
                  pass_.output_delta(worker).row_range(share.begin, share.end));
    network_.backward(worker, pass_);
    worker.barrier();
    optimizer_.update(worker, pass_);
    if (worker.index() == 0) {
      const auto end = row_losses_.begin() + static_cast<std::ptrdiff_t>(rows.size());
      loss = std::accumulate(row_losses_.begin(), end, 0.0) / static_cast<double>(rows.size());
    }
    while (spare_work()) {
    }
  };
  run(work, rows.size() == labels_.size());
  return loss;
}

}  // namespace mnist
