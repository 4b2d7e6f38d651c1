#include "data/batches.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/random.h"

namespace mnist {

BatchSampler::BatchSampler(Sampling sampling, std::size_t rows, std::size_t batch_size,
                           std::uint64_t seed)
    : sampling_(sampling), rows_(rows), batch_size_(batch_size), seed_(seed) {
  if (rows > std::numeric_limits<std::uint32_t>::max()) {
    refuse(fmt::format("{} rows are more than can be numbered", rows));
  }
  if (batch_size == 0 || batch_size > rows) {
    refuse(
        fmt::format("a batch of {} rows cannot be drawn from {} rows of training data; choose a "
                    "batch size from 1 to {}",
                    batch_size, rows, rows));
  }
  steps_per_epoch_ = (rows + batch_size - 1) / batch_size;
  if (sampling_ == Sampling::kIndependent) {
    order_.reserve(batch_size);
    drawn_.resize(rows);
  } else {
    order_.resize(rows);
  }
}

std::span<const std::uint32_t> BatchSampler::batch(std::uint64_t step) const {
  if (sampling_ == Sampling::kIndependent) {
    draw(step);
    return order_;
  }
  const std::uint64_t epoch = step / steps_per_epoch_;
  if (shuffled_epoch_ != epoch) shuffle(epoch);
  const std::size_t first = static_cast<std::size_t>(step % steps_per_epoch_) * batch_size_;
  return std::span(order_).subspan(first, std::min(batch_size_, rows_ - first));
}

/// Fisher-Yates shuffle. Each epoch starts from the original order of the rows.
void BatchSampler::shuffle(std::uint64_t epoch) const {
  RandomStream random(seed_, RandomPurpose::kShuffle, epoch);
  std::iota(order_.begin(), order_.end(), 0U);
  for (std::size_t i = rows_ - 1; i > 0; --i) {
    std::swap(order_[i], order_[random.below(static_cast<std::uint32_t>(i + 1))]);
  }
  shuffled_epoch_ = epoch;
}

/// Floyd's sampling without replacement (Bentley and Floyd, "A sample of brilliance", CACM 1987):
/// every set of rows is equally likely, and each row takes one random number.
void BatchSampler::draw(std::uint64_t step) const {
  RandomStream random(seed_, RandomPurpose::kDraw, step);
  order_.clear();
  for (std::size_t last = rows_ - batch_size_; last < rows_; ++last) {
    std::uint32_t row = random.below(static_cast<std::uint32_t>(last + 1));
    if (drawn_[row]) row = static_cast<std::uint32_t>(last);
    drawn_[row] = true;
    order_.push_back(row);
  }
  for (const std::uint32_t row : order_) drawn_[row] = false;
}

}  // namespace mnist
