// A picture from a file: PNG, JPEG or PGM.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "data/byte_source.h"

namespace mnist {

/// Shades of gray, and colours where they were asked for and it has any.
struct Picture {
  std::size_t width = 0;
  std::size_t height = 0;
  std::vector<std::uint8_t> shades;        // [height × width], 0 is black
  std::vector<std::uint8_t> colours = {};  // [3 × height × width]: red, green, blue; or none
};

enum class Colours { kGray, kKept };

/// Whether a file with these first bytes is a picture that read_picture knows.
bool looks_like_picture(std::string_view head);

/// Reads a picture, upright where the file says how the camera was held. What is transparent shows
/// the ground on which the rest can be seen. Throws Error(kBadInput) naming the file: damaged, cut
/// short, of more than 64 megapixels.
Picture read_picture(ByteSource& source, Colours colours = Colours::kGray);

/// The picture as so many planes one behind the other, 1 or 3: its shades, or its colours, which of
/// a gray one are all the same.
std::vector<std::uint8_t> planes_of(const Picture& picture, std::size_t channels);

}  // namespace mnist
