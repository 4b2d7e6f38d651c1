// How a camera was held, as a JPEG file tells it (Exif 2.32, tag Orientation).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace mnist {

/// From 1 (upright) to 8, by the content of a JPEG's APP1 segment. 1 for whatever is no such value.
int exif_orientation(std::span<const std::uint8_t> segment);

}  // namespace mnist
