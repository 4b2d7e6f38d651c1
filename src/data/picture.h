// A picture from a file: PNG, JPEG or PGM.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "data/byte_source.h"

namespace mnist {

/// Shades of gray; also colours if they were requested and the picture has any.
struct Picture {
  std::size_t width = 0;
  std::size_t height = 0;
  std::vector<std::uint8_t> shades;        // [height × width], 0 is black
  std::vector<std::uint8_t> colours = {};  // [3 × height × width]: red, green, blue; or empty
};

enum class Colours { kGray, kKept };

/// Whether a file with these first bytes is a picture that read_picture can read.
bool looks_like_picture(std::string_view head);

/// Reads a picture and turns it upright if the file tells its orientation. Transparent pixels get a
/// ground that contrasts with the ink. Throws Error(kBadInput) that names the file if it is
/// damaged, cut short, or larger than 64 megapixels.
Picture read_picture(ByteSource& source, Colours colours = Colours::kGray);

/// The picture as 1 or 3 planes, one after the other: its shades or its colours. The three planes
/// of a gray picture are equal.
std::vector<std::uint8_t> planes_of(const Picture& picture, std::size_t channels);

}  // namespace mnist
