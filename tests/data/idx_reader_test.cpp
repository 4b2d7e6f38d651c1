#include "data/idx_reader.h"

#include <numeric>

#include "data/test_files.h"

namespace mnist {
namespace {

using test::error_of;
using test::Form;
using test::holds;
using test::idx;
using test::packed;

constexpr std::uint32_t kImages = 5;
constexpr std::uint32_t kPixels = 6;

/// 0, 1, 2, ...
std::string ascending(std::size_t n) {
  std::string values(n, '\0');
  std::iota(values.begin(), values.end(), '\0');
  return values;
}

const std::string kGoodImages = idx({kImages, 2, 3}, ascending(kImages* kPixels));
const std::string kGoodLabels = idx({kImages}, std::string("\x03\x01\x04\x02\x00", 5));

void check_good(const Dataset& data) {
  CHECK(data.features() == kPixels);
  CHECK(data.rows() == kImages);
  CHECK(data.classes == 5);
  CHECK(data.labels == std::vector<std::int32_t>{3, 1, 4, 2, 0});
  CHECK(data.label_names.empty());
  for (std::size_t i = 0; i < data.pixels.size(); ++i) CHECK(data.pixels[i] == i);
}

TEST_CASE("data: IDX images find their labels beside them under every usual name") {
  for (const auto& [images, labels] : std::vector<std::pair<std::string, std::string>>{
           {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"},
           {"t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"},
           {"images-images-idx3-ubyte", "images-labels-idx1-ubyte"},
           {"images", "labels"}}) {
    for (const Form form : test::kForms) {
      const TemporaryDirectory directory;
      const auto path = directory.write(images, packed(form, kGoodImages));
      directory.write(labels, packed(form, kGoodLabels));
      check_good(load_data_file(path));
    }
    for (const std::string end : {".gz", ".zst", ".xz", ".zip", ".bz2"}) {
      {
        const TemporaryDirectory directory;
        const auto path = directory.write(images + end, packed(Form::kGzip, kGoodImages));
        directory.write(labels + end, packed(Form::kGzip, kGoodLabels));
        check_good(load_data_file(path));
      }
      const TemporaryDirectory directory;
      const auto path = directory.write(images, kGoodImages);
      directory.write(labels + end, packed(Form::kZstd, kGoodLabels));
      check_good(load_data_file(path));
      const auto packed_path = directory.write(images + ".gz", packed(Form::kGzip, kGoodImages));
      check_good(load_data_file(packed_path));
    }
  }
}

TEST_CASE("data: IDX of two dimensions and block by block") {
  const TemporaryDirectory directory;
  const auto path =
      directory.write("images", idx({kImages, kPixels}, ascending(kImages * kPixels)));
  directory.write("labels", kGoodLabels);
  check_good(load_data_file(path));
  const auto reader = open_data_file(path);
  Dataset all;
  Dataset block;
  while (reader->next(block, 2)) append_rows(all, block, 0, block.rows());
  CHECK_FALSE(reader->next(block, 2));
  check_good(all);
}

TEST_CASE("data: IDX images without labels") {
  const TemporaryDirectory directory;
  const auto path = directory.write("x-images-idx3-ubyte", kGoodImages);
  CHECK(holds(error_of([&] { load_data_file(path); }), "its labels are missing"));
  DataFileOptions options;
  options.require_labels = false;
  const Dataset data = load_data_file(path, options);
  CHECK(data.rows() == kImages);
  CHECK_FALSE(data.labelled());
  CHECK(data.classes == 0);
}

TEST_CASE("data: IDX that does not fit the network") {
  const TemporaryDirectory directory;
  const auto path = directory.write("images", kGoodImages);
  const auto labels = directory.write("labels", kGoodLabels);
  DataFileOptions options;
  options.features = kPixels;
  options.known.classes = 5;
  check_good(load_data_file(path, options));
  options.known.classes = 4;
  CHECK(error_of([&] { load_data_file(path, options); }) ==
        labels.string() +
            ": byte 10: label 4 is beyond the network's 4 "
            "classes; they are 0 to 3");
  options.features = 784;
  CHECK(holds(error_of([&] { load_data_file(path, options); }),
              "images: byte 8: images of 6 pixels; the network takes 784"));
}

TEST_CASE("data: each fault of an IDX file names its byte") {
  const TemporaryDirectory directory;
  const auto images = directory.path() / "images";
  const auto labels = directory.path() / "labels";
  const auto fails = [&](const std::string& image_bytes, const std::string& label_bytes) {
    directory.write("images", image_bytes);
    directory.write("labels", label_bytes);
    return error_of([&] { load_data_file(images); });
  };
  const auto images_fail = [&](const std::string& bytes) {
    const std::string text = fails(bytes, kGoodLabels);
    CHECK(holds(text, images.string() + ": byte "));
    return text.substr(text.find(": byte ") + 2);
  };
  const auto labels_fail = [&](const std::string& bytes) {
    const std::string text = fails(kGoodImages, bytes);
    CHECK(holds(text, labels.string() + ": byte "));
    return text.substr(text.find(": byte ") + 2);
  };
  const auto with = [](std::string bytes, std::size_t place, char value) {
    bytes[place] = value;
    return bytes;
  };

  CHECK(holds(images_fail(with(kGoodImages, 2, '\x0a')), "byte 2: values of type 0x0a"));
  CHECK(holds(images_fail(with(kGoodImages, 3, '\0')), "byte 3: no dimensions"));
  CHECK(holds(images_fail(with(kGoodImages, 3, '\1')), "byte 3: one dimension, so these are"));
  CHECK(holds(images_fail(with(kGoodImages, 0, '\1')), "byte 0 is 0x01: neither a table nor IDX"));
  CHECK(holds(labels_fail(with(kGoodLabels, 1, '\1')), "byte 0: no IDX file"));
  CHECK(holds(labels_fail("5\n3\n1\n4\n"), "byte 0: no IDX file"));
  CHECK(holds(labels_fail(kGoodImages), "byte 3: 3 dimensions where labels have one"));

  CHECK(holds(images_fail(kGoodImages.substr(0, 3)), "byte 3: the header is cut short"));
  CHECK(holds(images_fail(kGoodImages.substr(0, 15)), "byte 15: the header is cut short"));
  CHECK(holds(images_fail(kGoodImages.substr(0, 16)),
              "byte 16: the file ends before item 1 of 5 is complete"));
  CHECK(holds(images_fail(kGoodImages.substr(0, 16 + 2 * kPixels)),
              "byte 28: the file ends "
              "before item 3 of 5"));
  CHECK(holds(images_fail(kGoodImages.substr(0, kGoodImages.size() - 1)),
              "byte 45: the file ends before item 5 of 5"));
  CHECK(holds(labels_fail(kGoodLabels.substr(0, 12)), "byte 12: the file ends before item 5"));
  CHECK(holds(images_fail(kGoodImages + '\0'),
              "byte 46: there are bytes behind the last of 5 items"));
  CHECK(holds(labels_fail(kGoodLabels + '\0'),
              "byte 13: there are bytes behind the last of 5 items"));

  CHECK(holds(labels_fail(idx({6}, "123456")), "byte 4: 6 labels for the 5 images of "));
  CHECK(holds(images_fail(with(kGoodImages, 7, '\0')), "byte 4: dimension 1 is 0"));
  CHECK(holds(images_fail(with(kGoodImages, 15, '\0')), "byte 12: dimension 3 is 0"));
}

TEST_CASE("data: an IDX header cannot ask for more memory than the file has bytes") {
  const TemporaryDirectory directory;
  const std::uint32_t many = 0xffffffff;
  for (const Form form : {Form::kPlain, Form::kGzip}) {
    const auto path =
        directory.write("images", packed(form, idx({many, 1000, 1000}, ascending(100))));
    directory.write("labels", packed(form, idx({many}, "\x05")));
    CHECK(holds(error_of([&] { load_data_file(path); }),
                "byte 116: the file ends before item 1 of 4294967295"));
  }
  const auto path = directory.write("images", idx({1, many, many, many}, ""));
  CHECK(
      holds(error_of([&] { load_data_file(path); }), "byte 8: items of more than 16777216 values"));
}

TEST_CASE("data: IDX of every type of value, and QMNIST's labels in several columns") {
  const TemporaryDirectory directory;
  const auto of_type = [](char type, std::string file) {
    file[2] = type;
    return file;
  };
  directory.write("labels", of_type('\x0c', idx({2, 3}, std::string("\0\0\0\1\0\0\0\7\0\0\0\7"
                                                                    "\0\0\0\0\0\0\0\7\0\0\0\7",
                                                                    24))));
  const auto load = [&](char type, const std::string& bytes) {
    const Dataset data =
        load_data_file(directory.write("images", of_type(type, idx({2, 1, 2}, bytes))));
    CHECK(data.labels == std::vector<std::int32_t>{1, 0});
    CHECK(data.shape == Shape{1, 1, 2});
    return data.values;
  };
  CHECK(load('\x09', "\xFF\1\2\3") == std::vector<float>{-1, 1, 2, 3});
  CHECK(load('\x0b', std::string("\1\0\0\1\xFF\xFF\0\2", 8)) == std::vector<float>{256, 1, -1, 2});
  CHECK(load('\x0c', std::string("\0\0\1\0\0\0\0\1\xFF\xFF\xFF\xFF\0\0\0\2", 16)) ==
        std::vector<float>{256, 1, -1, 2});
  CHECK(load('\x0d', std::string("\x3F\0\0\0\xBF\x80\0\0\0\0\0\0\x40\0\0\0", 16)) ==
        std::vector<float>{0.5F, -1, 0, 2});
  const std::string half("\x3F\xE0\0\0\0\0\0\0", 8);
  CHECK(load('\x0e', half + half + half + half) == std::vector<float>(4, 0.5F));
}

TEST_CASE("data: IDX labels in columns can be one-hot") {
  const TemporaryDirectory directory;
  directory.write("labels", idx({3, 3}, std::string("\0\0\1\1\0\0\0\1\0", 9)));
  const auto images = directory.write("images", idx({3, 1, 2}, "abcdef"));
  CHECK(load_data_file(images).labels == std::vector<std::int32_t>{2, 0, 1});
  // A row that is none makes them what QMNIST has: labels with more beside them.
  directory.write("labels", idx({3, 3}, std::string("\0\0\1\1\0\0\0\1\1", 9)));
  CHECK(load_data_file(images).labels == std::vector<std::int32_t>{0, 1, 0});
}

TEST_CASE("data: a truncated compressed IDX file is an error") {
  const TemporaryDirectory directory;
  const std::string images = packed(Form::kGzip, kGoodImages);
  directory.write("labels", kGoodLabels);
  const auto path = directory.write("images", images.substr(0, images.size() - 3));
  CHECK(holds(error_of([&] { load_data_file(path); }), "cannot be read or decompressed"));
}

TEST_CASE("data: a block of large images has fewer of them") {
  const TemporaryDirectory directory;
  const auto path = directory.write("images", idx({20, 4096, 4096}, std::string(20 << 24, '\1')));
  DataFileOptions unlabelled;
  unlabelled.require_labels = false;
  const auto reader = open_data_file(path, unlabelled);
  Dataset block;
  std::size_t rows = 0;
  for (; reader->next(block, 4096); rows += block.rows()) {
    CHECK(block.pixels.size() <= std::size_t{1} << 26);
  }
  CHECK(rows == 20);
}

}  // namespace
}  // namespace mnist
