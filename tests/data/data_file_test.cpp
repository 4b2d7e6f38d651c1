#include "data/data_file.h"

#include <numeric>

#include "data/test_files.h"
#include "test_paths.h"

namespace mnist {
namespace {

using test::error_of;
using test::holds;
using test::idx;

const std::filesystem::path kData = MNIST_DATA_DIR;

TEST_CASE("data: the MNIST data set in the repository") {
  struct Part {
    const char* file;
    std::size_t rows;
    std::vector<std::int32_t> first_labels;
    std::vector<std::size_t> labels;  // of each class
    std::uint64_t pixel_sum;          // of the canonical IDX files
  };
  const Part parts[] = {{"mnist_train.csv.zst",
                         60000,
                         {5, 0, 4, 1, 9, 2, 1, 3},
                         {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949},
                         1567298545},
                        {"mnist_test.csv.zst",
                         10000,
                         {7, 2, 1, 0, 4, 1, 4, 9},
                         {980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009},
                         264923200}};
  for (const Part& part : parts) {
    DataFileOptions options;
    options.features = 784;
    options.known.classes = 10;
    const Dataset data = load_data_file(kData / part.file, options);
    CHECK(data.rows() == part.rows);
    CHECK(data.features() == 784);
    CHECK(data.classes == 10);
    CHECK(std::equal(part.first_labels.begin(), part.first_labels.end(), data.labels.begin()));
    std::vector<std::size_t> labels(10);
    for (const std::int32_t label : data.labels) ++labels[static_cast<std::size_t>(label)];
    CHECK(labels == part.labels);
    CHECK(std::accumulate(data.pixels.begin(), data.pixels.end(), std::uint64_t{0}) ==
          part.pixel_sum);
  }
}

TEST_CASE("data: CSV, streamed CSV and IDX of MNIST's test set are the same") {
  const Dataset data = load_data_file(kData / "mnist_test.csv.zst", {}, 1);
  Dataset streamed;
  Dataset block;
  const auto reader = open_data_file(kData / "mnist_test.csv.zst");
  while (reader->next(block, 300)) append_rows(streamed, block, 0, block.rows());
  CHECK(streamed.pixels == data.pixels);
  CHECK(streamed.labels == data.labels);

  const TemporaryDirectory directory;
  const auto images =
      directory.write("t10k-images-idx3-ubyte",
                      idx({10000, 28, 28}, std::string(data.pixels.begin(), data.pixels.end())));
  directory.write("t10k-labels-idx1-ubyte",
                  idx({10000}, std::string(data.labels.begin(), data.labels.end())));
  const Dataset from_idx = load_data_file(images);
  CHECK(from_idx.pixels == data.pixels);
  CHECK(from_idx.labels == data.labels);
  CHECK(from_idx.classes == 10);
}

TEST_CASE("data: labels beyond the network's classes name their line") {
  const TemporaryDirectory directory;
  const auto path = directory.write("x.csv", "3,0,0\n10,0,0\n");
  DataFileOptions options;
  options.features = 2;
  options.known.classes = 11;
  CHECK(load_data_file(path, options).classes == 11);
  options.known.classes = 10;
  CHECK(error_of([&] { load_data_file(path, options); }) ==
        path.string() +
            ": line 2: label 10 is beyond the network's 10 "
            "classes; they are 0 to 9");
}

TEST_CASE("data: rows without labels, where they are allowed") {
  const TemporaryDirectory directory;
  const auto path = directory.write("x.csv", "a,b\n1,2\n3,4\n");
  DataFileOptions options;
  options.features = 2;
  options.require_labels = false;
  const Dataset data = load_data_file(path, options, 2);
  CHECK(data.pixels == std::vector<std::uint8_t>{1, 2, 3, 4});
  CHECK_FALSE(data.labelled());
  CHECK(data.classes == 0);
}

TEST_CASE("data: a file of no known format is refused") {
  const TemporaryDirectory directory;
  const auto open = [&](const std::string& bytes) {
    const auto path = directory.write("x", bytes);
    const std::string text = error_of([&] { open_data_file(path); });
    CHECK(error_of([&] { load_data_file(path); }) == text);
    return text;
  };
  CHECK(holds(open("\x01\x02\x03\x04"), "x: byte 0 is 0x01: neither a table nor IDX"));
  CHECK(holds(open(std::string("5,0\0,0", 6)), "x: byte 3 is 0x00: neither a table nor IDX"));
  // Cut short before a compression can be told.
  for (const test::Form form : {test::Form::kGzip, test::Form::kZstd, test::Form::kXz}) {
    const std::string bytes = test::packed(form, "5,0,0\n").substr(0, 3);
    const auto path = directory.write("x", bytes);
    CHECK(holds(error_of([&] { load_data_file(path); }), path.string() + ": "));
  }
}

TEST_CASE("data: missing, empty and unreadable data files") {
  const TemporaryDirectory directory;
  const auto check = [](const std::filesystem::path& path, const std::string& problem) {
    CHECK(holds(error_of([&] { load_data_file(path); }), path.string() + ": " + problem));
    CHECK(holds(error_of([&] { open_data_file(path); }), path.string() + ": " + problem));
  };
  check(directory.path() / "missing.csv", "no such file");
  check(directory.path(), "is a directory");
  check(directory.write("empty.csv", ""), "is empty");
}

TEST_CASE("data: a label of a single row among many is told of") {
  Dataset data;
  data.shape = {1, 1, 1};
  data.labels.assign(40, 0);
  data.labels[7] = 2;
  std::fill_n(data.labels.begin() + 20, 15, 1);
  data.pixels.assign(40, 0);
  data.classes = 3;
  data.label_names = {"a", "b", "Total"};
  CHECK(odd_label(data) == "label Total has one row alone, all have 13 on average; is it damaged?");
  data.labels[8] = 2;
  CHECK(odd_label(data).empty());
  CHECK(holds(describe_data_file("x", data), "; 3 classes"));
  data.label_names = {"Oak", "elm", "oak"};
  CHECK(odd_label(data) == "labels Oak and oak differ in capitals alone and are two classes");
  data.labels.assign(40, 2);
  CHECK(holds(describe_data_file("x", data), "; 1 class"));
}

}  // namespace
}  // namespace mnist
