#include "data/array_data.h"

#include <cmath>
#include <cstring>

#include "data/test_files.h"

namespace mnist {
namespace {

using test::error_of;
using test::holds;

// A .npy file of version 1.
std::string npy(const std::string& type, const std::string& shape, const std::string& bytes,
                bool fortran = false) {
  std::string header = "{'descr': '" + type +
                       "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': (" +
                       shape + "), }";
  header.resize(118, ' ');
  header.back() = '\n';
  std::string file = "\x93NUMPY";
  file += std::string("\x01\x00\x76\x00", 4);
  return file + header + bytes;
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::string counting(std::size_t n) {
  std::string bytes;
  for (std::size_t i = 0; i < n; ++i) bytes += static_cast<char>(i);
  return bytes;
}

DataFileOptions of(Half half) {
  DataFileOptions options;
  options.half = half;
  return options;
}

TEST_CASE("data: Keras' mnist.npz holds both halves") {
  const TemporaryDirectory directory;
  const auto path = directory.write(
      "mnist.npz", test::zip({{"x_test.npy", npy("|u1", "1, 2, 3", "\7\7\7\7\7\7")},
                              {"x_train.npy", npy("|u1", "2, 2, 3", counting(12))},
                              {"y_train.npy", npy("<i8", "2,", bytes_of<std::int64_t>({1, 0}))},
                              {"y_test.npy", npy("|u1", "1,", std::string(1, '\0'))}}));
  CHECK(has_halves(path));
  const Dataset train = load_data_file(path);
  CHECK(train.shape == Shape{1, 2, 3});
  CHECK(train.pixels == std::vector<std::uint8_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  CHECK(train.labels == std::vector<std::int32_t>{1, 0});
  CHECK(holds(train.reading, "x_train.npy, labels of y_train.npy"));
  CHECK(load_data_file(path, of(Half::kTest)).rows() == 1);
}

TEST_CASE("data: arrays are found by other names, those for validation passed over") {
  const TemporaryDirectory directory;
  const std::string ones = npy("|u1", "1, 1, 2", "\1\1");
  const std::string twos = npy("|u1", "1, 1, 2", "\2\2");
  const std::string threes = npy("|u1", "1, 1, 2", "\3\3");
  const std::string label = npy("|u1", "1,", std::string(1, '\0'));
  const auto first = [&](const std::vector<std::string>& names, Half half) {
    std::vector<std::pair<std::string, std::string>> members;
    for (std::size_t i = 0; i < names.size(); i += 2) {
      members.emplace_back(names[i] + ".npy", i == 0 ? ones : i == 2 ? twos : threes);
      members.emplace_back(names[i + 1] + ".npy", label);
    }
    return int{load_data_file(directory.write("x.npz", test::zip(members)), of(half)).pixels[0]};
  };
  using Names = std::vector<std::string>;
  for (const Names& names :
       {Names{"trainX", "trainY", "testX", "testY"}, Names{"Xtrain", "ytrain", "Xtest", "ytest"},
        Names{"train_images", "train_labels", "test_images", "test_labels", "val_images",
              "val_labels"}}) {
    CHECK(first(names, Half::kTraining) == 1);
    CHECK(first(names, Half::kTest) == 2);
  }
  CHECK(first({"x_valid", "y_valid", "x_train", "y_train"}, Half::kTraining) == 2);
  CHECK(first({"values", "labels"}, Half::kTraining) == 1);
}

TEST_CASE("data: arrays of every kind of number, and labels as words or one-hot") {
  const TemporaryDirectory directory;
  const auto load = [&](const std::string& x, const std::string& y) {
    return load_data_file(directory.write("a.npz", test::zip({{"x.npy", x}, {"y.npy", y}})));
  };
  const std::string labels = npy("|u1", "2,", std::string("\1\0", 2));
  const std::vector<float> values{0.3F, -1, 2, 5};
  CHECK(load(npy("<f4", "2, 2", bytes_of(values)), labels).values == values);
  CHECK(load(npy("<f8", "2, 2", bytes_of<double>({0.5, -1, 2, 5})), labels).values ==
        std::vector<float>{0.5F, -1, 2, 5});
  CHECK(load(npy("<f2", "2, 2", bytes_of<std::uint16_t>({0x3800, 0xBC00, 0x4000, 0x4500})), labels)
            .values == std::vector<float>{0.5F, -1, 2, 5});
  CHECK(load(npy(">i2", "2, 2", std::string("\xFF\xFF\0\1\0\2\1\0", 8)), labels).values ==
        std::vector<float>{-1, 1, 2, 256});
  CHECK(load(npy("<i4", "2, 2", bytes_of<std::int32_t>({0, 255, 3, 4})), labels).pixels ==
        std::vector<std::uint8_t>{0, 255, 3, 4});
  // Columns first, as pandas' values are saved.
  CHECK(load(npy("|u1", "2, 2", "\1\3\2\4", true), labels).pixels ==
        std::vector<std::uint8_t>{1, 2, 3, 4});
  const std::string x = npy("|u1", "2, 2", "\1\2\3\4");
  const Dataset words = load(x, npy("|S3", "2,", std::string("dogcat", 6)));
  CHECK(words.label_names == std::vector<std::string>{"cat", "dog"});
  CHECK(words.labels == std::vector<std::int32_t>{1, 0});
  const Dataset wide = load(x, npy("<U1", "2,", std::string("\xE4\0\0\0z\0\0\0", 8)));
  CHECK(wide.label_names == std::vector<std::string>{"z", "\xC3\xA4"});
  CHECK(load(x, npy("|u1", "2, 3", std::string("\0\0\1\1\0\0", 6))).label_names ==
        std::vector<std::string>{"0", "2"});
  CHECK(load(x, npy("<f4", "2, 1", bytes_of<float>({1, 0}))).classes == 2);
}

TEST_CASE("data: two arrays that numpy.savez numbered are values and labels") {
  const TemporaryDirectory directory;
  const std::string x = npy("|u1", "2, 2, 3", counting(12));
  const std::string y = npy("|u1", "2,", std::string("\1\0", 2));
  const auto two = directory.write("a.npz", test::zip({{"arr_0.npy", x}, {"arr_1.npy", y}}));
  CHECK(load_data_file(two).labels == std::vector<std::int32_t>{1, 0});
  const auto named = directory.write(
      "b.npz", test::zip({{"mean.npy", y}, {"features.npy", x}, {"classes.npy", y}}));
  CHECK(holds(load_data_file(named).reading, "features.npy, labels of classes.npy"));
  const std::string nan = npy("<f4", "2, 2", bytes_of<float>({0, 1, NAN, 3}));
  CHECK(holds(error_of([&] {
                load_data_file(directory.write("n.npz", test::zip({{"x.npy", nan}, {"y.npy", y}})));
              }),
              "row 2: one of its values is no number"));
  const auto three =
      directory.write("a.npz", test::zip({{"arr_0.npy", x}, {"arr_1.npy", y}, {"arr_2.npy", y}}));
  CHECK(holds(error_of([&] { load_data_file(three); }), "name them x_train"));
}

TEST_CASE("data: channels stand last or first in an array of images") {
  const TemporaryDirectory directory;
  const auto load = [&](const std::string& shape) {
    return load_data_file(
        directory.write("a.npz", test::zip({{"x.npy", npy("|u1", shape, counting(12))},
                                            {"y.npy", npy("|u1", "1,", std::string(1, '\0'))}})));
  };
  const Dataset last = load("1, 2, 2, 3");
  CHECK(last.shape == Shape{3, 2, 2});
  CHECK(last.pixels == std::vector<std::uint8_t>{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11});
  CHECK(holds(last.reading, "rows, columns, channels"));
  const Dataset first = load("1, 3, 2, 2");
  CHECK(first.shape == Shape{3, 2, 2});
  CHECK(first.pixels[1] == 1);
  CHECK(holds(first.reading, "channels, rows, columns"));
}

TEST_CASE("data: arrays in files of their own find their labels") {
  const TemporaryDirectory directory;
  const std::string x = npy("|u1", "2, 2", "\1\2\3\4");
  const std::string y = npy("|u1", "2,", std::string("\1\0", 2));
  const auto images = directory.write("kmnist-train-imgs.npz", test::zip({{"arr_0.npy", x}}));
  CHECK(holds(error_of([&] { load_data_file(images); }), "--train-labels"));
  directory.write("kmnist-train-labels.npz", test::zip({{"arr_0.npy", y}}));
  CHECK(load_data_file(images).labels == std::vector<std::int32_t>{1, 0});
  const auto plain = directory.write("images.npy", x);
  DataFileOptions options;
  options.labels = directory.write("sorts.npy", y);
  CHECK(load_data_file(plain, options).labels == std::vector<std::int32_t>{1, 0});
}

TEST_CASE("data: each fault of an array is named") {
  const TemporaryDirectory directory;
  const std::string y = npy("|u1", "2,", std::string("\1\0", 2));
  const auto fails = [&](const std::string& x) {
    const auto path = directory.write("a.npz", test::zip({{"x.npy", x}, {"y.npy", y}}));
    return error_of([&] { load_data_file(path); });
  };
  const std::string good = npy("|u1", "2, 2", "\1\2\3\4");
  CHECK(holds(fails(good.substr(0, good.size() - 1)), "it ends after 3 of 4 values"));
  CHECK(holds(fails(good + "x"), "there is more behind its values"));
  CHECK(holds(fails(good.substr(0, 40)), "its header is cut short"));
  CHECK(holds(fails(npy("|O", "2, 2", "")), "Python objects"));
  CHECK(holds(fails(npy("<c8", "2, 2", "")), "type 'c8'"));
  CHECK(holds(fails(npy("<f4", "2, 2", std::string("\0\0\xC0\x7F", 4) + std::string(12, '\0'))),
              "is no number"));
  CHECK(holds(fails(npy("|u1", "99999999999, 784", "")), "more than the file can"));
  CHECK(holds(fails(npy("|u1", "4294967296, 4294967296", "")), "more than the file can"));
  CHECK(holds(fails(npy("|u1", "3, 2", "123456")), "2 labels for 3 rows"));
  CHECK(holds(fails(npy("|u1", "4,", "1234")), "no array of rows"));
  const auto several = directory.write("b.npz", test::zip({{"a.npy", good}, {"b.npy", good}}));
  CHECK(holds(error_of([&] { load_data_file(several); }), "holds the arrays a.npy, b.npy"));
}

}  // namespace
}  // namespace mnist
