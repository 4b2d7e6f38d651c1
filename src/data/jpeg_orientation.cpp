#include "data/jpeg_orientation.h"

#include <algorithm>
#include <string_view>

namespace mnist {
namespace {

constexpr int kUpright = 1;
constexpr int kLast = 8;
constexpr std::size_t kOrientationTag = 0x0112;
constexpr std::size_t kEntryBytes = 12;

// Reads numbers of a TIFF file, whose first two bytes give the byte order.
class Tiff {
 public:
  explicit Tiff(std::span<const std::uint8_t> bytes)
      : bytes_(bytes), big_endian_(!bytes.empty() && bytes[0] == 'M') {}

  // Returns 0 beyond the end.
  std::size_t number(std::size_t offset, std::size_t size) const {
    if (offset > bytes_.size() || bytes_.size() - offset < size) return 0;
    std::size_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      value = value << 8 | bytes_[offset + (big_endian_ ? i : size - 1 - i)];
    }
    return value;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  bool big_endian_;
};

}  // namespace

int exif_orientation(std::span<const std::uint8_t> segment) {
  constexpr std::string_view kExif("Exif\0\0", 6);
  if (segment.size() < kExif.size() ||
      !std::equal(kExif.begin(), kExif.end(), segment.begin(),
                  [](char a, std::uint8_t b) { return a == static_cast<char>(b); })) {
    return kUpright;
  }
  const Tiff tiff(segment.subspan(kExif.size()));
  const std::size_t directory = tiff.number(4, 4);
  const std::size_t entries = tiff.number(directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + i * kEntryBytes;
    if (tiff.number(entry, 2) != kOrientationTag) continue;
    const int value = static_cast<int>(tiff.number(entry + 8, 2));
    return value >= kUpright && value <= kLast ? value : kUpright;
  }
  return kUpright;
}

}  // namespace mnist
