#include "data/picture_form.h"

#include "catch.h"

namespace mnist {
namespace {

using Shades = std::vector<std::uint8_t>;

TEST_CASE("data: a picture is scaled by the areas that its pixels cover") {
  const Picture picture{4, 2, {0, 100, 200, 40, 20, 80, 0, 0}};
  CHECK(scaled_picture(picture, 4, 2).shades == picture.shades);
  CHECK(scaled_picture(picture, 2, 1).shades == Shades{50, 60});
  CHECK(scaled_picture(picture, 1, 2).shades == Shades{85, 25});
  CHECK(scaled_picture({2, 1, {0, 90}}, 3, 1).shades == Shades{0, 45, 90});
  CHECK(scaled_picture({3, 1, {0, 60, 90}}, 2, 1).shades == Shades{20, 80});
  CHECK(scaled_picture({1, 1, {7}}, 2, 3).shades == Shades(6, 7));
}

}  // namespace
}  // namespace mnist
