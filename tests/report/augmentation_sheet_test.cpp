#include "report/augmentation_sheet.h"

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "catch.h"
#include "data/data_file.h"
#include "test_paths.h"

namespace mnist {
namespace {

const Dataset& digits() {
  static const Dataset all =
      load_data_file(std::filesystem::path(MNIST_DATA_DIR) / "mnist_test.csv.zst");
  return all;
}

TEST_CASE("report: the sheet shows each class as it is and as training makes it") {
  AugmentSettings settings;
  settings.kind = AugmentKind::kFull;
  const std::vector<std::uint8_t> samples = augmentation_samples(digits(), settings, 5);
  REQUIRE(samples.size() == 10 * kSheetColumns * 784);
  Augmenter augmenter = augmenter_for(digits(), settings, 5);
  for (std::size_t digit = 0; digit < 10; ++digit) {
    const auto first = std::ranges::find(digits().labels, static_cast<std::int32_t>(digit));
    const auto row = static_cast<std::size_t>(first - digits().labels.begin());
    const std::uint8_t* shown = samples.data() + digit * kSheetColumns * 784;
    CHECK(std::equal(shown, shown + 784, digits().row(row)));
    for (std::size_t epoch = 1; epoch < kSheetColumns; ++epoch) {
      augmenter.begin_epoch(epoch);
      std::vector<std::uint8_t> expected(784);
      augmenter.distort(digits().row(row), epoch, static_cast<std::uint32_t>(row),
                        static_cast<int>(digit), 1, expected.data());
      CHECK(std::equal(expected.begin(), expected.end(), shown + epoch * 784));
    }
  }
}

TEST_CASE("report: the sheet of unlabelled images shows the first ones") {
  Dataset few;
  few.shape = shape_of_row(784);
  few.pixels.assign(digits().row(0), digits().row(3));
  AugmentSettings settings;
  settings.kind = AugmentKind::kAffine;
  const std::vector<std::uint8_t> samples = augmentation_samples(few, settings, 0);
  REQUIRE(samples.size() == 3 * kSheetColumns * 784);
  CHECK(std::equal(few.row(2), few.row(2) + 784, samples.data() + 2 * kSheetColumns * 784));
}

}  // namespace
}  // namespace mnist
