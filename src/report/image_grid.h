// Many small images on one sheet, to be looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "base/shape.h"

namespace mnist {

/// The shade between images: told from both ink and paper.
constexpr std::uint8_t kGapShade = 96;

/// Writes images of that shape, at least one, of 1 or 3 channels, as a PNG file, row by row with
/// `columns` side by side, each pixel drawn as a square of `zoom` pixels; both at least 1. Throws
/// Error(kFailure) naming the path.
void write_image_grid(const std::filesystem::path& path, std::span<const std::uint8_t> images,
                      const Shape& shape, std::size_t columns, std::size_t zoom = 2);

}  // namespace mnist
