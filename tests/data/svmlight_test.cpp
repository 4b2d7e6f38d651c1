#include "data/svmlight.h"

#include "data/test_files.h"

namespace mnist {
namespace {

using test::error_of;
using test::holds;

TEST_CASE("data: sparse rows of svmlight") {
  const TemporaryDirectory directory;
  const auto path =
      directory.write("x", "# made\n-1 2:0.5 4:1 # comment\n+1 qid:3 1:-2\r\n\n1 3:1\n");
  const Dataset data = load_data_file(path);
  CHECK(data.features() == 4);
  CHECK(data.values == std::vector<float>{0, 0.5F, 0, 1, -2, 0, 0, 0, 0, 0, 1, 0});
  CHECK(data.label_names == std::vector<std::string>{"-1", "1"});
  CHECK(data.labels == std::vector<std::int32_t>{0, 1, 1});
  DataFileOptions options;
  options.features = 6;
  CHECK(load_data_file(path, options).features() == 6);
  options.features = 3;
  CHECK(holds(error_of([&] { load_data_file(path, options); }), "4 features; the network takes 3"));
  const auto bad = directory.write("x", "1 2:3\n0 1:2 x\n");
  CHECK(holds(error_of([&] { load_data_file(bad); }), "line 2: 'x' is no feature:value"));
  const auto large = directory.write("x", "1 2:3\n0 16777000:2\n" + std::string(3000, '\n'));
  CHECK(load_data_file(large).rows() == 2);
  CHECK_FALSE(looks_like_svmlight("5 0 0\n"));
  CHECK_FALSE(looks_like_svmlight("10:30,5\n"));
}

TEST_CASE("data: where svmlight's features begin") {
  const TemporaryDirectory directory;
  const std::string rows = "1 1:3 4:1\n0 2:5\n";
  const Dataset one = load_data_file(directory.write("x", rows));
  CHECK(one.features() == 4);
  CHECK(holds(one.reading, "features from 1 (none is 0; if they begin there, put the line"));
  const Dataset told = load_data_file(
      directory.write("x", "# by sklearn\n# Column indices are zero-based\n" + rows));
  CHECK(told.pixels == std::vector<std::uint8_t>{0, 3, 0, 0, 1, 0, 0, 5, 0, 0});
  CHECK(told.reading == "svmlight, features from 0");
  // As in the training data.
  DataFileOptions options;
  options.first_feature = 0;
  CHECK(load_data_file(directory.write("x", rows), options).pixels == told.pixels);
  options.first_feature = 1;
  CHECK(load_data_file(directory.write("x", rows), options).pixels == one.pixels);
  CHECK(holds(error_of([&] { load_data_file(directory.write("x", "1 0:3\n"), options); }),
              "line 1: a feature 0; the features of the training data begin at 1"));
  DataFileOptions shaped;
  shaped.shape = Shape{1, 3, 3};
  CHECK(load_data_file(directory.write("x", rows), shaped).shape == Shape{1, 3, 3});
}

}  // namespace
}  // namespace mnist
