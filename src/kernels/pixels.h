// From pixels of 0 .. 255 to floats of 0 .. 1.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mnist::kernels {

/// out[i] = float(pixels[i]) / 255, correctly rounded.
void scale_pixels(const std::uint8_t* pixels, std::size_t n, float* out);

}  // namespace mnist::kernels
