// Image distortion: smooth random displacement fields, and bilinear resampling through them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/aligned_vector.h"

namespace mnist::kernels {

/// A periodic square of numbers: after the last row or column follows the first one.
class ToroidalField {
 public:
  static constexpr std::size_t kSide = 256;

  /// Allows windows of up to `window` columns.
  explicit ToroidalField(std::size_t window);

  /// Row y < kSide; fill it with kSide numbers before blur().
  float* row(std::size_t y) { return values_.data() + y * stride_; }

  /// Convolves the field with a Gaussian of standard deviation `sigma` > 0 (truncated at 3 sigma,
  /// normalised to sum 1), and prepares it for window().
  void blur(float sigma);

  /// The numbers at columns x, x + 1, ... of row y; x < kSide, any y. A vector may be read past the
  /// end of the window.
  const float* window(std::size_t x, std::size_t y) const {
    return values_.data() + y % kSide * stride_ + x;
  }

 private:
  std::size_t stride_;
  AlignedVector<float> values_;  // [kSide × stride]; the first columns are repeated after the last
};

/// The map of a distortion: pixel (x, y) of the result is taken from the point (xx·x + xy·y + x0,
/// yx·x + yy·y + y0) of the image, plus the displacement at (x, y). All numbers are finite.
struct WarpMap {
  float xx = 1, xy = 0, x0 = 0;
  float yx = 0, yy = 1, y0 = 0;

  /// Displacements in pixels: amplitude times field, in the window at (field_x, field_y) that is as
  /// wide as the image. Both nullptr: no displacements.
  const ToroidalField* dx = nullptr;
  const ToroidalField* dy = nullptr;
  float dx_amplitude = 0, dy_amplitude = 0;
  std::size_t field_x = 0, field_y = 0;
};

/// Resamples `image` [height × width] into `out`, of the same size and not the same memory, by
/// bilinear interpolation, rounded to nearest. Pixels outside the image are zero. No side is longer
/// than 4000.
void warp_image(const std::uint8_t* image, std::size_t width, std::size_t height,
                const WarpMap& map, std::uint8_t* out);

}  // namespace mnist::kernels
