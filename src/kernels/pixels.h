// From pixels of 0 .. 255 to floats of 0 .. 1.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mnist::kernels {

/// out[i] = float(pixels[i]) / 255, correctly rounded.
void scale_pixels(const std::uint8_t* pixels, std::size_t n, float* out);

/// Fetches n pixels into the second-level cache, where they are read soon.
void prefetch_pixels(const std::uint8_t* pixels, std::size_t n);

}  // namespace mnist::kernels
