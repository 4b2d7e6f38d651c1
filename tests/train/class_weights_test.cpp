#include "train/class_weights.h"

#include <string>
#include <vector>

#include "base/error.h"
#include "catch.h"

namespace mnist {
namespace {

Dataset labelled(std::vector<std::int32_t> labels, std::size_t classes) {
  Dataset data;
  data.shape = shape_of_row(1);
  data.classes = classes;
  data.pixels.assign(labels.size(), 0);
  data.labels = std::move(labels);
  return data;
}

TEST_CASE("train: class weights have a mean of 1 over the training rows") {
  const Dataset data = labelled({0, 0, 0, 1, 2, 2, 2, 2}, 3);
  CHECK(class_weights("", data).empty());
  const std::vector<float> balanced = class_weights("balanced", data);
  REQUIRE(balanced.size() == 3);
  for (const auto& [weight, rows] :
       {std::pair(balanced[0], 3), std::pair(balanced[1], 1), std::pair(balanced[2], 4)}) {
    CHECK(weight * static_cast<float>(rows) == Approx(8.0 / 3));
  }
  CHECK(class_weights("2, 2,2", data) == std::vector<float>{1, 1, 1});
  CHECK(class_weights("1,5,0", data) == std::vector<float>{1, 5, 0});
  CHECK(class_weights("balanced", labelled({0, 2}, 3)) == std::vector<float>{1, 0, 1});
}

TEST_CASE("train: class weights that make no sense are wrong usage") {
  const Dataset data = labelled({0, 1, 2}, 3);
  for (const std::string text :
       {"1,2", "1,2,3,4", "0,0,0", "balance", "1,-1,1", "1,,1", "1,nan,1"}) {
    INFO(text);
    try {
      class_weights(text, data);
      FAIL("not refused");
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kUsage);
      CHECK_THAT(error.what(), contains(text));
    }
  }
  CHECK_THROWS(check_class_weights("balance"));
  CHECK_NOTHROW(check_class_weights("1,2"));
  CHECK_NOTHROW(check_class_weights("balanced"));
}

}  // namespace
}  // namespace mnist
