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
              "no file of that name, but test.csv, train.csv"));
}

TEST_CASE("data: a member of an archive may be compressed by gzip itself") {
  const TemporaryDirectory directory;
  const auto gz = [](const std::string& bytes) { return test::packed(test::Form::kGzip, bytes); };
  const auto path = directory.write(
      "x.zip",
      test::zip({{"gzip/train-images-idx3-ubyte.gz", gz(idx({2, 1, 2}, "1234"))},
                 {"gzip/train-labels-idx1-ubyte.gz", gz(idx({2}, std::string("\1\0", 2)))}}));
  const Dataset data = load_data_file(path);
  CHECK(data.labels == std::vector<std::int32_t>{1, 0});
  CHECK(data.pixels == std::vector<std::uint8_t>{'1', '2', '3', '4'});
  std::string cut = gz(kCsv);
  cut.pop_back();
  const auto damaged = directory.write("y.zip", test::zip({{"a.csv.gz", cut}}));
  CHECK(holds(error_of([&] { load_data_file(damaged); }), "gzip data are cut short"));
  const auto other =
      directory.write("z.zip", test::zip({{"a.csv.xz", test::packed(test::Form::kXz, kCsv)}}));
  CHECK(holds(error_of([&] { load_data_file(other); }), "compressed inside of an archive"));
}

TEST_CASE("data: an archive locked by a password is named as such") {
  const TemporaryDirectory directory;
  std::string locked = test::zip({{"a.csv", kCsv}});
  // The flag of encryption, in the member's header and in the directory.
  for (const auto& [header, flags] :
       {std::pair<std::string, std::size_t>{"PK\3\4", 6}, {"PK\1\2", 8}}) {
    locked.at(locked.find(header) + flags) |= 1;
  }
  const auto path = directory.write("x.zip", locked);
  CHECK(holds(error_of([&] { load_data_file(path); }), "is locked by a password"));
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

TEST_CASE("data: an archive that holds each IDX file twice serves as both halves") {
  const TemporaryDirectory directory;
  std::vector<std::pair<std::string, std::string>> members;
  for (const std::string half : {"t10k", "train"}) {
    const std::string images = idx({2, 1, 2}, half == "train" ? "1234" : "5678");
    const std::string labels = idx({2}, std::string("\1\0", 2));
    members.emplace_back(half + "-images-idx3-ubyte/" + half + "-images-idx3-ubyte", images);
    members.emplace_back(half + "-labels-idx1-ubyte/" + half + "-labels-idx1-ubyte", labels);
    members.emplace_back(half + "-images.idx3-ubyte", images);
    members.emplace_back(half + "-labels.idx1-ubyte", labels);
  }
  const auto path = directory.write("x.zip", test::zip(members));
  CHECK(has_halves(path));
  CHECK(load_data_file(path).pixels == std::vector<std::uint8_t>{'1', '2', '3', '4'});
  CHECK(load_data_file(path).labels == std::vector<std::int32_t>{1, 0});
  // Two data sets are not one.
  for (auto& [name, bytes] : members) {
    name = name[2] == '0' ? "a/x-images-idx3-ubyte" : "b/x-images-idx3-ubyte";
  }
  const auto two = directory.write("y.zip", test::zip({members.front(), members.back()}));
  CHECK(holds(error_of([&] { load_data_file(two); }), "holds 2 files"));
}

TEST_CASE("data: a folder above that of the IDX files stands for it") {
  const TemporaryDirectory directory;
  const auto raw = directory.path() / "data" / "MNIST" / "raw";
  std::filesystem::create_directories(raw);
  std::filesystem::create_directories(raw.parent_path() / "processed");
  directory.write("data/MNIST/raw/train-images-idx3-ubyte", idx({2, 1, 2}, "1234"));
  directory.write("data/MNIST/raw/train-labels-idx1-ubyte", idx({2}, std::string("\1\0", 2)));
  directory.write("data/MNIST/raw/t10k-images-idx3-ubyte", idx({1, 1, 2}, "12"));
  directory.write("data/MNIST/raw/t10k-labels-idx1-ubyte", idx({1}, std::string(1, '\0')));
  DataFileOptions test;
  test.half = Half::kTest;
  for (const auto& path : {directory.path() / "data", raw.parent_path()}) {
    INFO(path);
    CHECK(is_idx_folder(path));
    CHECK(has_halves(path));
    CHECK(load_data_file(path).labels == std::vector<std::int32_t>{1, 0});
    CHECK(load_data_file(path, test).rows() == 1);
  }
  // Not of two data sets.
  const auto other = directory.path() / "data" / "Other" / "raw";
  std::filesystem::create_directories(other);
  directory.write("data/Other/raw/train-images-idx3-ubyte", idx({2, 1, 2}, "1234"));
  CHECK_FALSE(is_idx_folder(directory.path() / "data"));
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
}

}  // namespace
}  // namespace mnist
