#include "data/dataset.h"

#include "catch.h"

namespace mnist {
namespace {

TEST_CASE("data: appended rows follow the others and count their classes") {
  Dataset from;
  from.features = 2;
  from.classes = 4;
  from.pixels = {1, 2, 3, 4, 5, 6};
  from.labels = {0, 3, 1};
  Dataset to;
  append_rows(to, from, 2, 1);
  CHECK(to.rows() == 1);
  CHECK(to.classes == 2);
  append_rows(to, from, 0, 0);
  append_rows(to, from, 0, 2);
  CHECK(to.pixels == std::vector<std::uint8_t>{5, 6, 1, 2, 3, 4});
  CHECK(to.labels == std::vector<std::int32_t>{1, 0, 3});
  CHECK(to.classes == 4);

  from.labels.clear();
  from.classes = 0;
  Dataset unlabelled;
  append_rows(unlabelled, from, 1, 2);
  CHECK(unlabelled.pixels == std::vector<std::uint8_t>{3, 4, 5, 6});
  CHECK_FALSE(unlabelled.labelled());
  CHECK(unlabelled.classes == 0);
}

}  // namespace
}  // namespace mnist
