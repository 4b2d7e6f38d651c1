// Draws many small images on one sheet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "base/shape.h"

namespace mnist {

/// The shade between images; it differs from both ink and paper.
constexpr std::uint8_t kGapShade = 96;

/// Writes one or more images of this shape, with 1 or 3 channels, as a PNG file, row by row with
/// `columns` images side by side. Each pixel becomes a square of `zoom` pixels. Both numbers are at
/// least 1. Throws Error(kFailure) naming the path.
void write_image_grid(const std::filesystem::path& path, std::span<const std::uint8_t> images,
                      const Shape& shape, std::size_t columns, std::size_t zoom = 2);

}  // namespace mnist
