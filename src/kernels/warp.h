// Image distortion: smooth random displacement fields, and bilinear resampling through them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/aligned_vector.h"

namespace mnist::kernels {

/// A square of numbers without edges: rows and columns past the last are the first again.
class ToroidalField {
 public:
  static constexpr std::size_t kSide = 256;

  /// Windows of up to `window` columns can be read.
  explicit ToroidalField(std::size_t window);

  /// Row y < kSide, to be filled with kSide numbers before blur().
  float* row(std::size_t y) { return values_.data() + y * stride_; }

  /// Convolves the field with a Gaussian of standard deviation `sigma` > 0 (cut off at 3 sigma, sum
  /// 1), and prepares it for window().
  void blur(float sigma);

  /// The numbers at columns x, x + 1, ... of row y; x < kSide, y any. Past the window's end there
  /// are some that may be read but mean nothing.
  const float* window(std::size_t x, std::size_t y) const {
    return values_.data() + y % kSide * stride_ + x;
  }

 private:
  std::size_t stride_;
  AlignedVector<float> values_;  // [kSide × stride]: the first columns again after the last
};

/// Where the pixels of a distorted image come from: pixel (x, y) shows the point (xx·x + xy·y + x0,
/// yx·x + yy·y + y0) of the image, moved by the displacement there is at (x, y). Finite numbers.
struct WarpMap {
  float xx = 1, xy = 0, x0 = 0;
  float yx = 0, yy = 1, y0 = 0;

  /// Displacements in pixels: each amplitude times its field, seen through the window at (field_x,
  /// field_y), as wide as the image. nullptr, both: none.
  const ToroidalField* dx = nullptr;
  const ToroidalField* dy = nullptr;
  float dx_amplitude = 0, dy_amplitude = 0;
  std::size_t field_x = 0, field_y = 0;
};

/// Resamples image [height × width] into out, as large and not the same, between pixels bilinearly,
/// rounded to the nearest; beyond the image all is zero. Neither side is longer than 4000.
void warp_image(const std::uint8_t* image, std::size_t width, std::size_t height,
                const WarpMap& map, std::uint8_t* out);

}  // namespace mnist::kernels
