#include "report/picture_sheet.h"

#include "catch.h"
#include "data/picture_files.h"
#include "temporary_directory.h"

namespace mnist {
namespace {

TEST_CASE("report: a sheet of pictures has their colours, and gray ones beside them") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "seen.png";
  const Picture gray{2, 2, {90, 90, 90, 90}};
  PictureSheet sheet;
  sheet.add(gray, gray);
  sheet.write(path);
  CHECK(testing::picture_in(path, Colours::kKept).colours.empty());
  const Picture red{2, 2, {76, 76, 76, 76}, {255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0}};
  sheet.add(red, gray);
  sheet.write(path);
  const Picture drawn = testing::picture_in(path, Colours::kKept);
  const std::size_t plane = drawn.width * drawn.height;
  REQUIRE(drawn.colours.size() == 3 * plane);
  std::size_t reds = 0;
  std::size_t grays = 0;
  for (std::size_t i = 0; i < plane; ++i) {
    const auto shade = [&](std::size_t c) { return drawn.colours[c * plane + i]; };
    reds += shade(0) == 255 && shade(1) == 0 && shade(2) == 0 ? 1U : 0U;
    grays += shade(0) == 90 && shade(1) == 90 && shade(2) == 90 ? 1U : 0U;
  }
  CHECK(reds == 84 * 84);
  CHECK(grays == 3 * 84 * 84);
}

}  // namespace
}  // namespace mnist
