// The orientation of a photograph, from a JPEG file's Exif data (Exif 2.32, tag Orientation).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace mnist {

/// The orientation, 1 (upright) to 8, from the content of a JPEG's APP1 segment; 1 if there is no
/// valid value.
int exif_orientation(std::span<const std::uint8_t> segment);

}  // namespace mnist
