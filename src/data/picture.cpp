#include "data/picture.h"

#include <fmt/format.h>
#include <png.h>
// Each of these needs the one before it.
// clang-format off
#include <stdio.h>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <csetjmp>
#include <string>
#include <utility>

#include "base/error.h"
#include "data/jpeg_orientation.h"

namespace mnist {
namespace {

constexpr std::size_t kMaxPixels = 64'000'000;
constexpr std::size_t kMaxFileBytes = 500'000'000;
constexpr int kMaxScans = 30;  // of a progressive JPEG: each costs as much as decoding it all
constexpr std::string_view kPngMagic = "\x89PNG\r\n\x1a\n";
constexpr std::string_view kJpegMagic = "\xff\xd8\xff";

using Bytes = std::vector<std::uint8_t>;

bool is_pgm(std::string_view head) {
  return head.size() > 2 && head[0] == 'P' && (head[1] == '2' || head[1] == '5') &&
         (head[2] == '\n' || head[2] == ' ' || head[2] == '\t' || head[2] == '\r' ||
          head[2] == '#');
}

// Throws errors that name the file.
class Blame {
 public:
  explicit Blame(std::string name) : name_(std::move(name)) {}

  [[noreturn]] void damaged(std::string_view why) const {
    throw bad_input(name_, fmt::format("a picture that cannot be read: {}; save it again", why));
  }
  void check_size(std::size_t width, std::size_t height) const {
    if (width == 0 || height == 0) damaged("it has no pixels");
    if (width > kMaxPixels / height) {
      throw bad_input(
          name_, fmt::format(
                     "a picture of {} × {} pixels; at most 64 megapixels are read, make it smaller",
                     width, height));
    }
  }

 private:
  std::string name_;
};

Bytes read_all(ByteSource& source) {
  constexpr std::size_t kBlock = 1 << 16;
  Bytes bytes;
  std::size_t got = 0;
  do {
    const std::size_t size = bytes.size();
    if (size > kMaxFileBytes) throw bad_input(source.name(), "too large for a picture");
    bytes.resize(size + kBlock);
    got = source.read(reinterpret_cast<char*>(bytes.data()) + size, kBlock);
    bytes.resize(size + got);
  } while (got > 0);
  return bytes;
}

// Composites pixels of `n` samples, the last of which is opacity, on white, or on black if the ink
// is light. Returns n - 1 samples per pixel.
Bytes over_ground(const Bytes& pixels, std::size_t n) {
  std::uint64_t light = 0;
  std::uint64_t opacity = 0;
  for (std::size_t i = 0; i < pixels.size(); i += n) {
    for (std::size_t s = 0; s + 1 < n; ++s) {
      light += static_cast<std::uint64_t>(pixels[i + s]) * pixels[i + n - 1];
      opacity += pixels[i + n - 1];
    }
  }
  const unsigned ground = light > opacity * 128 ? 0 : 255;
  Bytes shades(pixels.size() / n * (n - 1));
  std::uint8_t* shade = shades.data();
  for (std::size_t i = 0; i < pixels.size(); i += n) {
    const unsigned alpha = pixels[i + n - 1];
    for (std::size_t s = 0; s + 1 < n; ++s) {
      *shade++ =
          static_cast<std::uint8_t>((pixels[i + s] * alpha + ground * (255 - alpha) + 127) / 255);
    }
  }
  return shades;
}

// Separates red, green and blue pixels into planes. Empty if no pixel visibly differs from gray.
Bytes colour_planes(const Bytes& pixels) {
  constexpr int kTint = 8;
  const std::size_t n = pixels.size() / 3;
  Bytes planes(pixels.size());
  bool coloured = false;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint8_t* pixel = pixels.data() + 3 * i;
    const auto [least, most] = std::minmax({pixel[0], pixel[1], pixel[2]});
    coloured = coloured || most - least > kTint;
    for (std::size_t c = 0; c < 3; ++c) planes[c * n + i] = pixel[c];
  }
  return coloured ? planes : Bytes();
}

struct PngPixels {
  std::size_t width, height;
  bool coloured;  // whether the file can hold colours
  Bytes samples;
};

PngPixels read_png(const Bytes& file, const Blame& blame, Colours colours) {
  struct Image : png_image {
    Image() : png_image{} { version = PNG_IMAGE_VERSION; }
    ~Image() { png_image_free(this); }
  } image;
  if (png_image_begin_read_from_memory(&image, file.data(), file.size()) == 0) {
    blame.damaged(image.message);
  }
  blame.check_size(image.width, image.height);
  const bool transparent = (image.format & PNG_FORMAT_FLAG_ALPHA) != 0;
  const bool coloured = (image.format & PNG_FORMAT_FLAG_COLOR) != 0;
  // Without this flag, libpng takes 16-bit samples as linear light and makes them lighter than
  // 8-bit samples.
  image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  const bool gray = colours == Colours::kGray;
  image.format = gray ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  if (transparent) image.format |= PNG_FORMAT_FLAG_ALPHA;
  PngPixels pixels{image.width, image.height, coloured, Bytes(PNG_IMAGE_SIZE(image))};
  if (png_image_finish_read(&image, nullptr, pixels.samples.data(), 0, nullptr) == 0) {
    blame.damaged(image.message);
  }
  if (transparent) pixels.samples = over_ground(pixels.samples, gray ? 2 : 4);
  return pixels;
}

Picture read_png_picture(const Bytes& file, const Blame& blame, Colours colours) {
  PngPixels gray = read_png(file, blame, Colours::kGray);
  Picture picture{gray.width, gray.height, std::move(gray.samples)};
  if (colours == Colours::kKept && gray.coloured) {
    picture.colours = colour_planes(read_png(file, blame, Colours::kKept).samples);
  }
  return picture;
}

// libjpeg reports an error by a function that must not return, so it jumps out of the C code.
struct JpegErrors : jpeg_error_mgr {
  JpegErrors() : jpeg_error_mgr{} {
    jpeg_std_error(this);
    error_exit = [](j_common_ptr info) {
      auto* errors = static_cast<JpegErrors*>(info->err);
      info->err->format_message(info, errors->message.data());
      std::longjmp(errors->way_out, 1);
    };
    emit_message = [](j_common_ptr info, int level) {
      const int code = info->err->msg_code;
      const bool cut_short = code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER;
      if (level < 0 && cut_short) info->err->error_exit(info);
    };
  }

  std::jmp_buf way_out{};
  std::array<char, JMSG_LENGTH_MAX> message{};
};

// Converts cyan, magenta, yellow and black to red, green and blue, or to gray. Files by Adobe store
// inverted inks.
Bytes of_inks(const Bytes& samples, bool inverted, bool gray) {
  Bytes pixels;
  pixels.reserve(samples.size() / 4 * (gray ? 1 : 3));
  for (std::size_t i = 0; i + 3 < samples.size(); i += 4) {
    const auto light = [&](std::size_t ink) {
      return inverted ? int{samples[i + ink]} : 255 - samples[i + ink];
    };
    std::array<int, 3> colour{};
    for (std::size_t c = 0; c < 3; ++c) colour[c] = (light(c) * light(3) + 127) / 255;
    if (gray) {  // with libjpeg's weights
      const int shade = (299 * colour[0] + 587 * colour[1] + 114 * colour[2] + 500) / 1000;
      pixels.push_back(static_cast<std::uint8_t>(shade));
      continue;
    }
    for (const int value : colour) pixels.push_back(static_cast<std::uint8_t>(value));
  }
  return pixels;
}

class JpegReader {
 public:
  JpegReader(const Bytes& file, const Blame& blame) : file_(file), blame_(blame) {
    info_.err = &errors_;
    guarded([this] { jpeg_create_decompress(&info_); });
    progress_.progress_monitor = [](j_common_ptr info) {
      const int scans = reinterpret_cast<j_decompress_ptr>(info)->input_scan_number;
      if (scans <= kMaxScans) return;
      auto* errors = static_cast<JpegErrors*>(info->err);
      errors->message = {"more than 30 scans"};
      std::longjmp(errors->way_out, 1);
    };
    info_.progress = &progress_;
  }
  ~JpegReader() { jpeg_destroy_decompress(&info_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  // The interleaved samples: one per pixel, or red, green and blue.
  Bytes read(Colours colours) {
    guarded([this] {
      jpeg_mem_src(&info_, file_.data(), file_.size());
      jpeg_save_markers(&info_, JPEG_APP0 + 1, 0xffff);
      jpeg_read_header(&info_, TRUE);
    });
    blame_.check_size(info_.image_width, info_.image_height);
    const bool gray = colours == Colours::kGray;
    const bool inks = info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK;
    info_.out_color_space = inks ? JCS_CMYK : gray ? JCS_GRAYSCALE : JCS_RGB;
    const std::size_t stride = width() * (inks ? 4 : gray ? 1 : 3);
    Bytes samples(height() * stride);
    guarded([&] { jpeg_start_decompress(&info_); });
    for (std::size_t y = 0; y < height(); ++y) {
      JSAMPROW line = samples.data() + y * stride;
      guarded([&] { jpeg_read_scanlines(&info_, &line, 1); });
    }
    return inks ? of_inks(samples, info_.saw_Adobe_marker != FALSE, gray) : samples;
  }

  std::size_t width() const { return info_.image_width; }
  std::size_t height() const { return info_.image_height; }
  // Whether the file can hold colours.
  bool coloured() const {
    return info_.jpeg_color_space != JCS_GRAYSCALE && info_.jpeg_color_space != JCS_UNKNOWN;
  }

  int orientation() const {
    for (jpeg_saved_marker_ptr marker = info_.marker_list; marker != nullptr;
         marker = marker->next) {
      const int found = exif_orientation({marker->data, marker->data_length});
      if (found != 1) return found;
    }
    return 1;
  }

 private:
  // Calls a libjpeg function. The jump skips destructors, so `call` must create nothing that needs
  // one.
  template <class Call>
  void guarded(const Call& call) {
    if (setjmp(errors_.way_out) != 0) blame_.damaged(errors_.message.data());
    call();
  }

  const Bytes& file_;
  const Blame& blame_;
  JpegErrors errors_;
  jpeg_progress_mgr progress_{};
  jpeg_decompress_struct info_{};
};

// Turns a picture upright, given its Exif orientation. For values from 5 on, swaps rows and
// columns; then mirrors the picture along one axis, both or none.
Bytes upright(const Bytes& held, std::size_t width, std::size_t height, int orientation) {
  const bool transposed = orientation >= 5;
  const bool right_to_left =
      orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  const bool bottom_up =
      orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  const std::size_t across = transposed ? height : width;
  const std::size_t down = transposed ? width : height;
  Bytes turned(held.size());
  for (std::size_t plane = 0; plane < held.size(); plane += width * height) {
    for (std::size_t y = 0; y < down; ++y) {
      for (std::size_t x = 0; x < across; ++x) {
        std::size_t from_x = right_to_left ? across - 1 - x : x;
        std::size_t from_y = bottom_up ? down - 1 - y : y;
        if (transposed) std::swap(from_x, from_y);
        turned[plane + y * across + x] = held[plane + from_y * width + from_x];
      }
    }
  }
  return turned;
}

Picture read_jpeg(const Bytes& file, const Blame& blame, Colours colours) {
  JpegReader reader(file, blame);
  const Bytes shades = reader.read(Colours::kGray);
  const int orientation = reader.orientation();
  Picture picture{reader.width(), reader.height(), {}};
  const auto turned = [&](const Bytes& planes) {
    return upright(planes, reader.width(), reader.height(), orientation);
  };
  picture.shades = turned(shades);
  if (orientation >= 5) std::swap(picture.width, picture.height);
  if (colours == Colours::kKept && reader.coloured()) {
    JpegReader again(file, blame);
    picture.colours = turned(colour_planes(again.read(Colours::kKept)));
  }
  return picture;
}

// Reads a PGM file (netpbm): numbers as text, or pixels as bytes.
class PgmReader {
 public:
  PgmReader(const Bytes& file, const Blame& blame)
      : rest_(reinterpret_cast<const char*>(file.data()), file.size()), blame_(blame) {}

  Picture read() {
    const bool in_text = rest_[1] == '2';
    rest_.remove_prefix(2);
    Picture picture;
    picture.width = number();
    picture.height = number();
    blame_.check_size(picture.width, picture.height);
    const std::size_t largest = number();
    if (largest == 0 || largest > 0xffff) blame_.damaged("its largest shade is beyond 1 to 65535");
    if (!in_text && !rest_.empty()) rest_.remove_prefix(1);
    const std::size_t pixels = picture.width * picture.height;
    const std::size_t bytes = in_text ? 1 : largest > 0xff ? 2 : 1;  // minimum per pixel
    if (rest_.size() / bytes < pixels) cut_short();
    picture.shades.reserve(pixels);
    for (std::size_t i = 0; i < pixels; ++i) {
      const std::size_t shade = std::min(in_text ? number() : sample(bytes), largest);
      picture.shades.push_back(static_cast<std::uint8_t>((shade * 255 + largest / 2) / largest));
    }
    return picture;
  }

 private:
  [[noreturn]] void cut_short() const { blame_.damaged("it is cut short"); }

  std::size_t sample(std::size_t bytes) {
    std::size_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      value = value << 8 | static_cast<std::uint8_t>(rest_[i]);
    }
    rest_.remove_prefix(bytes);
    return value;
  }

  std::size_t number() {
    while (!rest_.empty() &&
           (std::isspace(static_cast<unsigned char>(rest_.front())) != 0 || rest_.front() == '#')) {
      const bool comment = rest_.front() == '#';
      rest_.remove_prefix(comment ? std::min(rest_.find('\n'), rest_.size()) : 1);
    }
    if (rest_.empty()) cut_short();
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc()) blame_.damaged("it has text where a number belongs");
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  std::string_view rest_;
  const Blame& blame_;
};

}  // namespace

bool looks_like_picture(std::string_view head) {
  return head.starts_with(kPngMagic) || head.starts_with(kJpegMagic) || is_pgm(head);
}

Picture read_picture(ByteSource& source, Colours colours) {
  const std::string head(source.head());
  const Blame blame(source.name());
  const Bytes file = read_all(source);
  if (head.starts_with(kPngMagic)) return read_png_picture(file, blame, colours);
  if (head.starts_with(kJpegMagic)) return read_jpeg(file, blame, colours);
  if (is_pgm(head)) return PgmReader(file, blame).read();
  throw bad_input(source.name(), "no picture in PNG, JPEG or PGM form");
}

std::vector<std::uint8_t> planes_of(const Picture& picture, std::size_t channels) {
  if (channels == 1) return picture.shades;
  if (!picture.colours.empty()) return picture.colours;
  Bytes planes;
  for (std::size_t c = 0; c < channels; ++c) {
    planes.insert(planes.end(), picture.shades.begin(), picture.shades.end());
  }
  return planes;
}

}  // namespace mnist
