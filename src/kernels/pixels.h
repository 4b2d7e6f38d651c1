// Converts pixels from 0 to 255 to floats from 0 to 1.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mnist::kernels {

/// out[i] = float(pixels[i]) / 255, correctly rounded.
void scale_pixels(const std::uint8_t* pixels, std::size_t n, float* out);

/// Prefetches n pixels into the L2 cache.
void prefetch_pixels(const std::uint8_t* pixels, std::size_t n);

}  // namespace mnist::kernels
