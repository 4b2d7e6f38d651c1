// The batch at the bottom of a network, as its first layer reads it: as floats, or as pixels whose
// zeros a dense layer skips. The results are the same bits.
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

/// How a first dense layer reads its input: as pixels, skipping zeros, or as floats. The results
/// are the same bits.
enum class InputForm { kPixels, kFloats };

class InputBatch {
 public:
  /// Of up to `max_rows` images of that shape. Their pixels come channel by channel, as data sets
  /// hold them; floats lie as layers hand them on, the channels of a pixel side by side.
  InputBatch(const Shape& shape, std::size_t max_rows, bool as_pixels, bool training);

  /// nullptr where the batch is floats.
  const kernels::PixelBatch* pixels() const { return pixels_ ? &*pixels_ : nullptr; }
  /// The first rows, [rows × shape.size()]; without data where the batch is pixels.
  Matrix floats(std::size_t rows) {
    return {floats_.empty() ? nullptr : floats_.data(), rows, shape_.size(),
            row_stride(shape_.size())};
  }

  /// Puts the worker's share of the rows in place; `pixels(r)` are those of row r, or floats, which
  /// a batch of floats takes as they are. All workers must have done so before a forward pass.
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

  /// The batch of the pass to come can be put in place during this one, each half of its features
  /// in so many parts; 0 where it is not read as pixels.
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
  /// Makes what was put in place ahead the batch.
  void advance() { pixels_.swap(pixels_ahead_); }

  /// Fetches what load() will read of these rows of a later pass into the worker's cache.
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

  // The features of every row that a worker loads as pixels.
  Range loaded_share(const Worker& worker) const {
    return worker.share(pixels_->features(), kernels::PixelBatch::kLoaded);
  }
  std::size_t middle() const { return kernels::PixelBatch::middle(pixels_->features()); }

  void load_row(const std::uint8_t* pixels, float* row) const;
  void load_row(const float* values, float* row) const;

  Shape shape_;
  std::optional<kernels::PixelBatch> pixels_;
  std::optional<kernels::PixelBatch> pixels_ahead_;  // in training
  AlignedVector<float> floats_;
};

}  // namespace mnist
