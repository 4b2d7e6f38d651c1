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

#include "data/bad_data.h"
#include "data/jpeg_orientation.h"

namespace mnist {
namespace {

constexpr std::size_t kMaxPixels = 100'000'000;
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

// Blame falls on the file that is being read.
class Blame {
 public:
  explicit Blame(std::string name) : name_(std::move(name)) {}

  [[noreturn]] void damaged(std::string_view why) const {
    throw bad_data(name_, fmt::format("a picture that cannot be read: {}; save it again", why));
  }
  void check_size(std::size_t width, std::size_t height) const {
    if (width == 0 || height == 0) damaged("it has no pixels");
    if (width > kMaxPixels / height) {
      throw bad_data(name_, fmt::format("a picture of {} × {} pixels; at most 100 megapixels are "
                                        "read, make it smaller",
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
    if (size > kMaxFileBytes) throw bad_data(source.name(), "too large for a picture");
    bytes.resize(size + kBlock);
    got = source.read(reinterpret_cast<char*>(bytes.data()) + size, kBlock);
    bytes.resize(size + got);
  } while (got > 0);
  return bytes;
}

// Shades and opacities by turns, over white or, where the ink itself is light, over black.
Bytes over_ground(const Bytes& pixels) {
  std::uint64_t light = 0;
  std::uint64_t opacity = 0;
  for (std::size_t i = 0; i < pixels.size(); i += 2) {
    light += static_cast<std::uint64_t>(pixels[i]) * pixels[i + 1];
    opacity += pixels[i + 1];
  }
  const unsigned ground = light > opacity * 128 ? 0 : 255;
  Bytes shades(pixels.size() / 2);
  for (std::size_t i = 0; i < shades.size(); ++i) {
    const unsigned alpha = pixels[2 * i + 1];
    shades[i] =
        static_cast<std::uint8_t>((pixels[2 * i] * alpha + ground * (255 - alpha) + 127) / 255);
  }
  return shades;
}

Picture read_png(const Bytes& file, const Blame& blame) {
  struct Image : png_image {
    Image() : png_image{} { version = PNG_IMAGE_VERSION; }
    ~Image() { png_image_free(this); }
  } image;
  if (png_image_begin_read_from_memory(&image, file.data(), file.size()) == 0) {
    blame.damaged(image.message);
  }
  blame.check_size(image.width, image.height);
  const bool transparent = (image.format & PNG_FORMAT_FLAG_ALPHA) != 0;
  image.format = transparent ? PNG_FORMAT_GA : PNG_FORMAT_GRAY;
  Picture picture{image.width, image.height, Bytes(PNG_IMAGE_SIZE(image))};
  if (png_image_finish_read(&image, nullptr, picture.shades.data(), 0, nullptr) == 0) {
    blame.damaged(image.message);
  }
  if (transparent) picture.shades = over_ground(picture.shades);
  return picture;
}

// libjpeg reports an error by a function that must not return; a jump leads back out of its C code.
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

  Picture read() {
    guarded([this] {
      jpeg_mem_src(&info_, file_.data(), file_.size());
      jpeg_save_markers(&info_, JPEG_APP0 + 1, 0xffff);
      jpeg_read_header(&info_, TRUE);
    });
    blame_.check_size(info_.image_width, info_.image_height);
    info_.out_color_space = JCS_GRAYSCALE;
    Picture picture{info_.image_width, info_.image_height, {}};
    picture.shades.resize(picture.width * picture.height);
    guarded([&] { jpeg_start_decompress(&info_); });
    for (std::size_t y = 0; y < picture.height; ++y) {
      JSAMPROW line = picture.shades.data() + y * picture.width;
      guarded([&] { jpeg_read_scanlines(&info_, &line, 1); });
    }
    return picture;
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
  // Calls a function of libjpeg's that leaves nothing to destroy when it is jumped out of.
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

// The picture of a camera that was held as an Exif orientation says. From 5 on, rows and columns
// change places; then the picture is mirrored along either axis.
Picture upright(const Picture& held, int orientation) {
  const bool transposed = orientation >= 5;
  const bool right_to_left =
      orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  const bool bottom_up =
      orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  Picture turned = held;
  if (transposed) std::swap(turned.width, turned.height);
  for (std::size_t y = 0; y < turned.height; ++y) {
    for (std::size_t x = 0; x < turned.width; ++x) {
      std::size_t from_x = right_to_left ? turned.width - 1 - x : x;
      std::size_t from_y = bottom_up ? turned.height - 1 - y : y;
      if (transposed) std::swap(from_x, from_y);
      turned.shades[y * turned.width + x] = held.shades[from_y * held.width + from_x];
    }
  }
  return turned;
}

Picture read_jpeg(const Bytes& file, const Blame& blame) {
  JpegReader reader(file, blame);
  const Picture picture = reader.read();
  return upright(picture, reader.orientation());
}

// The numbers of a PGM file (netpbm), in text or, of the pixels, in bytes.
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
    const std::size_t bytes = in_text ? 1 : largest > 0xff ? 2 : 1;  // of a pixel, at the least
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

Picture read_picture(ByteSource& source) {
  const std::string head(source.head());
  const Blame blame(source.name());
  const Bytes file = read_all(source);
  if (head.starts_with(kPngMagic)) return read_png(file, blame);
  if (head.starts_with(kJpegMagic)) return read_jpeg(file, blame);
  if (is_pgm(head)) return PgmReader(file, blame).read();
  throw bad_data(source.name(), "no picture in PNG, JPEG or PGM form");
}

}  // namespace mnist
