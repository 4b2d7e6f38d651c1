#include "data/jpeg_orientation.h"

#include "catch.h"
#include "data/picture_files.h"

namespace mnist {
namespace {

using testing::exif_segment;

TEST_CASE("data: the orientation of a JPEG is read in either order of bytes") {
  for (const bool big_endian : {false, true}) {
    for (int orientation = 1; orientation <= 8; ++orientation) {
      CHECK(exif_orientation(exif_segment(orientation, big_endian)) == orientation);
    }
    CHECK(exif_orientation(exif_segment(0, big_endian)) == 1);
    CHECK(exif_orientation(exif_segment(9, big_endian)) == 1);
  }
}

TEST_CASE("data: an orientation segment that is cut short or wild is upright") {
  const std::vector<std::uint8_t> whole = exif_segment(6, true);
  for (std::size_t size = 0; size < 38; ++size) {
    const std::vector<std::uint8_t> cut(whole.begin(),
                                        whole.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(exif_orientation(cut) == 1);
  }
  std::vector<std::uint8_t> other = whole;
  other[0] = 'X';
  CHECK(exif_orientation(other) == 1);
  std::vector<std::uint8_t> far = whole;
  far[10] = 0xff;  // the directory lies beyond the end
  CHECK(exif_orientation(far) == 1);
}

}  // namespace
}  // namespace mnist
