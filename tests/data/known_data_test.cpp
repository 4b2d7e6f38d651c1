#include "data/known_data.h"

#include "data/data_file.h"
#include "data/test_files.h"
#include "test_paths.h"

namespace mnist {
namespace {

TEST_CASE("data: MNIST is known by its content") {
  const std::filesystem::path mnist = std::filesystem::path(MNIST_DATA_DIR) / "mnist_train.csv.zst";
  CHECK(is_mnist_training(mnist));
  CHECK_FALSE(is_mnist_training(std::filesystem::path(MNIST_DATA_DIR) / "mnist_test.csv.zst"));
  const TemporaryDirectory directory;
  Dataset rows;
  REQUIRE(open_data_file(mnist)->next(rows, 120));
  const auto text = [&](std::size_t begin, std::size_t end) {
    std::string lines = "label";
    for (std::size_t f = 0; f < rows.features(); ++f) lines += ",p" + std::to_string(f);
    for (std::size_t r = begin; r < end; ++r) {
      lines += "\n" + std::to_string(rows.labels[r]);
      for (std::size_t f = 0; f < rows.features(); ++f) {
        lines += "," + std::to_string(rows.row(r)[f]);
      }
    }
    return lines;
  };
  const auto known = [&](const std::string& content) {
    directory.write("x.csv", content);
    return is_mnist_training(directory.path() / "x.csv");
  };
  CHECK(known(text(0, 120)));
  CHECK_FALSE(known(text(0, 99)));
  CHECK_FALSE(known(text(1, 120)));
  ++rows.pixels[5];
  CHECK_FALSE(known(text(0, 120)));
  CHECK_FALSE(known("no table"));
  CHECK_FALSE(is_mnist_training(directory.path() / "nowhere"));
  CHECK_FALSE(is_mnist_training(directory.path()));
  CHECK_FALSE(is_mnist_training("-"));
}

}  // namespace
}  // namespace mnist
