#include "data/archive.h"

#include "data/data_file.h"
#include "data/test_files.h"

namespace mnist {
namespace {

using test::error_of;
using test::holds;
using test::idx;

const std::string kCsv = "5,0,1\n4,2,3\n";

TEST_CASE("data: an archive's one data file is found among what lies beside it") {
  const TemporaryDirectory directory;
  const auto path = directory.write("x.zip", test::zip({{"__MACOSX/._train.csv", "\xFF"},
                                                        {"d/", ""},
                                                        {"d/.DS_Store", "x"},
                                                        {"README.md", "# hello"},
                                                        {"d/train.csv", kCsv}}));
  CHECK(archive_members(path) == std::vector<std::string>{"d/train.csv"});
  CHECK(load_data_file(path).rows() == 2);
}

TEST_CASE("data: of an archive of several data files one is named") {
  const TemporaryDirectory directory;
  const auto path =
      directory.write("x.zip", test::zip({{"test.csv", "1,2,3\n"}, {"train.csv", kCsv}}));
  const std::string text = error_of([&] { load_data_file(path); });
  CHECK(holds(text, "holds 2 files: test.csv, train.csv; name one as"));
  CHECK(holds(text, "x.zip:train.csv"));
  const auto pictures = directory.write("p.zip", test::zip({{"a/1.png", "x"}, {"b/2.PNG", "x"}}));
  CHECK(holds(error_of([&] { load_data_file(pictures); }),
              "holds 2 pictures; unpack it and name the folder"));
  CHECK(load_data_file(path.string() + ":train.csv").rows() == 2);
  CHECK(load_data_file(path.string() + ":test.csv").rows() == 1);
  CHECK(holds(error_of([&] { load_data_file(path.string() + ":other.csv"); }),
              "no file of that name"));
}

TEST_CASE("data: an archive of IDX files serves as both halves") {
  const TemporaryDirectory directory;
  const auto path = directory.write(
      "x.zip", test::zip({{"t10k-images-idx3-ubyte", idx({1, 1, 2}, "12")},
                          {"t10k-labels-idx1-ubyte", idx({1}, std::string(1, '\0'))},
                          {"train-images-idx3-ubyte", idx({2, 1, 2}, "1234")},
                          {"train-labels-idx1-ubyte", idx({2}, std::string("\1\0", 2))}}));
  CHECK(has_halves(path));
  CHECK(load_data_file(path).labels == std::vector<std::int32_t>{1, 0});
  DataFileOptions options;
  options.half = Half::kTest;
  CHECK(load_data_file(path, options).rows() == 1);
  const auto one = directory.write(
      "y.zip", test::zip({{"train-images-idx3-ubyte", idx({2, 1, 2}, "1234")},
                          {"train-labels-idx1-ubyte", idx({2}, std::string("\1\0", 2))}}));
  CHECK_FALSE(has_halves(one));
  CHECK(load_data_file(one, options).rows() == 2);
}

TEST_CASE("data: a folder of IDX files serves as both halves") {
  const TemporaryDirectory directory;
  const auto write = [&](const std::string& name, const std::string& bytes) {
    std::filesystem::create_directories(directory.path() / "d");
    return directory.write("d/" + name, bytes);
  };
  write("train-images-idx3-ubyte", idx({2, 1, 2}, "1234"));
  write("train-images-idx3-ubyte.gz", test::packed(test::Form::kGzip, idx({2, 1, 2}, "1234")));
  write("train-labels-idx1-ubyte", idx({2}, std::string("\1\0", 2)));
  write("README.md", "# idx");
  write("index.csv", "1,2\n");
  const auto path = directory.path() / "d";
  CHECK(is_idx_folder(path));
  CHECK_FALSE(has_halves(path));
  CHECK(load_data_file(path).labels == std::vector<std::int32_t>{1, 0});
  write("t10k-images-idx3-ubyte.gz", test::packed(test::Form::kGzip, idx({1, 1, 2}, "12")));
  write("t10k-labels-idx1-ubyte.gz",
        test::packed(test::Form::kGzip, idx({1}, std::string(1, '\0'))));
  CHECK(has_halves(path));
  CHECK(load_data_file(path).rows() == 2);
  DataFileOptions options;
  options.half = Half::kTest;
  CHECK(load_data_file(path, options).rows() == 1);
  write("other-train-images-idx3-ubyte", idx({2, 1, 2}, "1234"));
  CHECK(holds(error_of([&] { load_data_file(path); }), "name one as"));
  CHECK_FALSE(is_idx_folder(directory.path()));
}

}  // namespace
}  // namespace mnist
