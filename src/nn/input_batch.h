// The input batch of a network, as floats, or as pixels whose zeros a dense layer skips. Both give
// the same bits.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "base/aligned_vector.h"
#include "base/shape.h"
#include "base/thread_pool.h"
#include "kernels/matrix.h"
#include "kernels/pixel_batch.h"
#include "kernels/pixels.h"
#include "nn/layer.h"

namespace mnist {

/// How a first dense layer reads its input. Both forms give the same bits.
enum class InputForm { kPixels, kFloats };

class InputBatch {
 public:
  /// A batch of up to `max_rows` images of this shape. Data sets give pixels channel by channel
  /// (planar); floats are stored in the order of layers, with the channels of a pixel side by side.
  InputBatch(const Shape& shape, std::size_t max_rows, bool as_pixels, bool training);

  /// nullptr if the batch is in floats.
  const kernels::PixelBatch* pixels() const { return pixels_ ? &*pixels_ : nullptr; }
  /// The first rows, [rows × shape.size()]; without data if the batch is in pixels.
  Matrix floats(std::size_t rows) {
    return {floats_.empty() ? nullptr : floats_.data(), rows, shape_.size(),
            row_stride(shape_.size())};
  }

  /// Loads the worker's share of the rows. `pixels(r)` returns the pixels of row r, or its floats,
  /// which are not scaled. All workers must have loaded their shares before a forward pass.
  template <class PixelsOfRow>
  void load(const Worker& worker, std::size_t rows, const PixelsOfRow& pixels) {
    if constexpr (std::is_convertible_v<decltype(pixels(0)), const std::uint8_t*>) {
      if (pixels_) {
        const Range features = loaded_share(worker);
        return pixels_->load(features.begin, features.end, rows, pixels);
      }
    }
    const Range share = row_share(worker, rows);
    for (std::size_t r = share.begin; r < share.end; ++r) load_row(pixels(r), floats(rows).row(r));
  }

  /// The number of parts per half of the features in which the next batch can be loaded during this
  /// pass; 0 for a batch in floats.
  std::size_t parts_ahead() const {
    return pixels_ahead_ ? (middle() + kFeaturesAhead - 1) / kFeaturesAhead : 0;
  }
  template <class PixelsOfRow>
  void load_ahead(std::size_t half, std::size_t part, std::size_t rows, const PixelsOfRow& pixels) {
    const Range features = half == 0 ? Range{0, middle()} : Range{middle(), pixels_->features()};
    const std::size_t begin = std::min(features.begin + part * kFeaturesAhead, features.end);
    const std::size_t end = std::min(begin + kFeaturesAhead, features.end);
    pixels_ahead_->load(begin, end, rows, pixels);
  }
  /// Makes the batch that was loaded ahead the current one.
  void advance() { pixels_.swap(pixels_ahead_); }

  /// Prefetches the data that load() will read of these rows in the next pass.
  template <class PixelsOfRow>
  void prefetch(const Worker& worker, std::size_t rows, const PixelsOfRow& pixels) const {
    const Range features = pixels_ ? loaded_share(worker) : Range{0, shape_.size()};
    const Range share = pixels_ ? Range{0, rows} : row_share(worker, rows);
    for (std::size_t r = share.begin; r < share.end; ++r) {
      const auto* begin = pixels(r) + features.begin;
      kernels::prefetch_pixels(reinterpret_cast<const std::uint8_t*>(begin),
                               features.size() * sizeof(*begin));
    }
  }

 private:
  static constexpr std::size_t kFeaturesAhead = 5 * kernels::PixelBatch::kLoaded;

  // The features that a worker loads, of all rows.
  Range loaded_share(const Worker& worker) const {
    return worker.share(pixels_->features(), kernels::PixelBatch::kLoaded);
  }
  std::size_t middle() const { return kernels::PixelBatch::middle(pixels_->features()); }

  void load_row(const std::uint8_t* pixels, float* row) const;
  void load_row(const float* values, float* row) const;

  Shape shape_;
  std::optional<kernels::PixelBatch> pixels_;
  std::optional<kernels::PixelBatch> pixels_ahead_;  // the next batch; only in training
  AlignedVector<float> floats_;
};

}  // namespace mnist
