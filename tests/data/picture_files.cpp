#include "data/picture_files.h"

#include <png.h>
// clang-format off
#include <stdio.h>
#include <jpeglib.h>
// clang-format on

#include <algorithm>
#include <fstream>

#include "catch.h"

namespace mnist::testing {

void write_png(const std::filesystem::path& path, std::size_t width, std::size_t height,
               std::uint32_t format, const std::vector<std::uint8_t>& pixels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = format;
  REQUIRE(png_image_write_to_file(&image, path.c_str(), 0, pixels.data(), 0, nullptr) != 0);
}

void write_gray16_png(const std::filesystem::path& path, std::uint16_t shade) {
  FILE* file = fopen(path.c_str(), "wb");
  REQUIRE(file != nullptr);
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_init_io(png, file);
  png_set_IHDR(png, info, 1, 1, 16, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  const png_byte row[] = {static_cast<png_byte>(shade >> 8), static_cast<png_byte>(shade & 0xff)};
  png_write_row(png, row);
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  fclose(file);
}

namespace {

// Samples pixel by pixel.
void write_jpeg_samples(const std::filesystem::path& path, std::size_t width, std::size_t height,
                        J_COLOR_SPACE space, const std::vector<std::uint8_t>& samples,
                        int orientation) {
  FILE* file = fopen(path.c_str(), "wb");
  REQUIRE(file != nullptr);
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  jpeg_stdio_dest(&info, file);
  info.image_width = static_cast<JDIMENSION>(width);
  info.image_height = static_cast<JDIMENSION>(height);
  info.input_components = static_cast<int>(samples.size() / (width * height));
  info.in_color_space = space;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 100, TRUE);
  if (space == JCS_CMYK) REQUIRE(info.write_Adobe_marker != FALSE);
  jpeg_start_compress(&info, TRUE);
  if (orientation > 0) {
    const std::vector<std::uint8_t> segment = exif_segment(orientation, true);
    jpeg_write_marker(&info, JPEG_APP0 + 1, segment.data(), static_cast<unsigned>(segment.size()));
  }
  std::vector<JSAMPLE> line(samples.size() / height);
  for (std::size_t y = 0; y < height; ++y) {
    std::copy_n(samples.data() + y * line.size(), line.size(), line.data());
    JSAMPLE* row = line.data();
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  fclose(file);
}

}  // namespace

void write_jpeg(const std::filesystem::path& path, const Picture& picture, int orientation) {
  const std::size_t pixels = picture.width * picture.height;
  const bool coloured = !picture.colours.empty();
  std::vector<std::uint8_t> samples = picture.shades;
  if (coloured) {
    samples.resize(3 * pixels);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      samples[i] = picture.colours[i % 3 * pixels + i / 3];
    }
  }
  write_jpeg_samples(path, picture.width, picture.height, coloured ? JCS_RGB : JCS_GRAYSCALE,
                     samples, orientation);
}

void write_cmyk_jpeg(const std::filesystem::path& path, std::size_t side,
                     const std::array<std::uint8_t, 4>& inks) {
  std::vector<std::uint8_t> samples(4 * side * side);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = static_cast<std::uint8_t>(255 - inks[i % 4]);
  }
  write_jpeg_samples(path, side, side, JCS_CMYK, samples, 0);
}

void write_pgm(const std::filesystem::path& path, const Picture& picture) {
  std::ofstream out(path, std::ios::binary);
  out << "P5\n" << picture.width << ' ' << picture.height << "\n255\n";
  out.write(reinterpret_cast<const char*>(picture.shades.data()),
            static_cast<std::streamsize>(picture.shades.size()));
}

std::vector<std::uint8_t> exif_segment(int orientation, bool big_endian) {
  std::vector<std::uint8_t> bytes{'E', 'x', 'i', 'f', 0, 0};
  const auto put = [&](unsigned value, int size) {
    for (int i = 0; i < size; ++i) {
      const int shift = 8 * (big_endian ? size - 1 - i : i);
      bytes.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  };
  put(big_endian ? 0x4d4d : 0x4949, 2);
  put(42, 2);
  put(8, 4);  // where the directory begins
  put(2, 2);  // its entries
  for (const auto& [tag, value] : {std::pair{0x010fU, 7}, std::pair{0x0112U, orientation}}) {
    put(tag, 2);
    put(3, 2);  // a number of two bytes,
    put(1, 4);  // just one
    put(static_cast<unsigned>(value), 2);
    put(0, 2);
  }
  put(0, 4);  // no other directory
  return bytes;
}

Picture picture_in(const std::filesystem::path& path, Colours colours) {
  ByteSource source(path);
  return read_picture(source, colours);
}

}  // namespace mnist::testing
