// Writes pictures for tests.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/picture.h"

namespace mnist::testing {

/// `format` is one of libpng's for 8 bits a channel (PNG_FORMAT_GRAY, ...); `pixels` are as it
/// says.
void write_png(const std::filesystem::path& path, std::size_t width, std::size_t height,
               std::uint32_t format, const std::vector<std::uint8_t>& pixels);

/// One pixel of 16 bits.
void write_gray16_png(const std::filesystem::path& path, std::uint16_t shade);

/// Gray, or in colours where the picture has any, at the best quality. An `orientation` above 0
/// stands in an Exif segment.
void write_jpeg(const std::filesystem::path& path, const Picture& picture, int orientation = 0);

/// Of one shade in four inks, each from 0 to 255 (none to full), as Adobe's programs write it.
void write_cmyk_jpeg(const std::filesystem::path& path, std::size_t side,
                     const std::array<std::uint8_t, 4>& inks);

/// In bytes.
void write_pgm(const std::filesystem::path& path, const Picture& picture);

/// The APP1 segment of a file with that orientation, its numbers in either order of bytes.
std::vector<std::uint8_t> exif_segment(int orientation, bool big_endian);

/// Reads a picture from a file.
Picture picture_in(const std::filesystem::path& path, Colours colours = Colours::kGray);

}  // namespace mnist::testing
