#include "data/dataset.h"

#include "catch.h"

namespace mnist {
namespace {

TEST_CASE("data: appended rows follow the others and count their classes") {
  Dataset from;
  from.shape = shape_of_row(2);
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

TEST_CASE("data: bytes appended to floats, or floats to bytes, are floats") {
  Dataset bytes;
  bytes.shape = shape_of_row(2);
  bytes.pixels = {1, 2};
  Dataset floats;
  floats.shape = shape_of_row(2);
  floats.values = {0.5F, -1};
  Dataset both = bytes;
  append_rows(both, floats, 0, 1);
  append_rows(both, bytes, 0, 1);
  CHECK(both.rows() == 3);
  CHECK(both.values == std::vector<float>{1, 2, 0.5F, -1, 1, 2});
  CHECK(both.pixels.empty());
}

TEST_CASE("data: labels of other numbers are joined by their names") {
  Dataset to;
  to.shape = shape_of_row(1);
  to.pixels = {1, 2};
  to.labels = {2, 0};
  to.classes = 3;
  Dataset from = to;
  from.label_names = {"cat", "1", "dog"};
  append_rows(to, from, 0, 2);
  CHECK(to.label_names == std::vector<std::string>{"0", "1", "2", "dog", "cat"});
  CHECK(to.labels == std::vector<std::int32_t>{2, 0, 3, 4});
  CHECK(to.classes == 5);
}

TEST_CASE("data: rows move and go with all that belongs to them") {
  Dataset data;
  data.shape = shape_of_row(2);
  data.values = {1, 2, 3, 4};
  data.labels = {0, 1};
  data.ids = {"a", "b"};
  move_row(data, 1, 0);
  truncate_rows(data, 1);
  CHECK(data.values == std::vector<float>{3, 4});
  CHECK(data.labels == std::vector<std::int32_t>{1});
  CHECK(data.ids == std::vector<std::string>{"b"});
  CHECK(data.rows() == 1);
}

}  // namespace
}  // namespace mnist
