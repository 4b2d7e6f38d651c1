#include "data/labels_beside.h"

#include <filesystem>

#include "data/test_files.h"

namespace mnist {
namespace {

TEST_CASE("data: the usual names of a file of labels") {
  using Names = std::vector<std::string>;
  CHECK(labels_names("train-images-idx3-ubyte.gz") ==
        Names{"train-labels-idx1-ubyte", "train-labels-idx1-int", "train-labels-idx2-int"});
  CHECK(labels_names("T10K-Images.IDX3-ubyte")[0] == "t10k-labels.idx1-ubyte");
  CHECK(labels_names("images-idx3-float")[1] == "labels-idx1-ubyte");
  CHECK(labels_names("kmnist-train-imgs.npz") == Names{"kmnist-train-labels.npz"});
  CHECK(labels_names("x_train.npy") == Names{"y_train.npy"});
  CHECK(labels_names("test-X.npy") == Names{"test-y.npy"});
  CHECK(labels_names("extra-digits.npy").empty());
}

TEST_CASE("data: labels are found whatever the case and the compression of their name") {
  const TemporaryDirectory directory;
  const auto images = directory.write("Train-Images.idx3-double", "x");
  CHECK(labels_beside(images).empty());
  const auto plain = directory.write("TRAIN-labels.idx1-ubyte", "x");
  CHECK(labels_beside(images) == plain);
  const auto packed = directory.write("TRAIN-labels.idx1-ubyte.gz", "x");
  CHECK(labels_beside(images) == plain);
  CHECK(labels_beside(directory.write("Train-Images.idx3-double.gz", "x")) == packed);
  const auto zip = directory.write(
      "z.zip", test::zip({{"a/images", "x"}, {"b/labels", "x"}, {"a/labels", "x"}}));
  CHECK(labels_beside(zip.string() + ":a/images") == zip.string() + ":a/labels");
}

}  // namespace
}  // namespace mnist
