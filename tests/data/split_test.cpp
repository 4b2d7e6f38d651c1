#include "data/split.h"

#include <algorithm>
#include <limits>

#include "data/test_files.h"

namespace mnist {
namespace {

/// Row r holds r in its two pixels and r % 7 as its label.
Dataset numbered(std::size_t rows) {
  Dataset data;
  data.shape = shape_of_row(2);
  data.classes = 7;
  for (std::size_t r = 0; r < rows; ++r) {
    data.pixels.push_back(static_cast<std::uint8_t>(r / 256));
    data.pixels.push_back(static_cast<std::uint8_t>(r % 256));
    data.labels.push_back(static_cast<std::int32_t>(r % 7));
  }
  return data;
}

std::vector<std::size_t> numbers(const Dataset& data) {
  std::vector<std::size_t> rows;
  for (std::size_t r = 0; r < data.rows(); ++r) {
    rows.push_back(std::size_t{data.row(r)[0]} * 256 + data.row(r)[1]);
    if (data.labelled()) CHECK(data.labels[r] == static_cast<std::int32_t>(rows.back() % 7));
  }
  return rows;
}

TEST_CASE("data: a split holds out as many rows as asked for and keeps the order") {
  for (const auto& [amount, held_out] : std::vector<std::pair<double, std::size_t>>{
           {0, 0}, {1, 1}, {100, 100}, {999, 999}, {0.1, 100}, {0.0001, 1}, {0.25, 250}}) {
    const Split split = split_dataset(numbered(1000), amount, 5);
    CHECK(split.validation.rows() == held_out);
    CHECK(split.training.rows() == 1000 - held_out);
    CHECK(split.training.classes == 7);
    if (held_out > 0) CHECK(split.validation.classes == 7);
    CHECK(split.validation.labels.size() == held_out);
    const std::vector<std::size_t> training = numbers(split.training);
    const std::vector<std::size_t> validation = numbers(split.validation);
    CHECK(std::is_sorted(training.begin(), training.end()));
    CHECK(std::is_sorted(validation.begin(), validation.end()));
    std::vector<std::size_t> all;
    std::merge(training.begin(), training.end(), validation.begin(), validation.end(),
               std::back_inserter(all));
    CHECK(all == numbers(numbered(1000)));
  }
}

TEST_CASE("data: the seed alone decides the split, and each row is as likely as another") {
  const auto held_out = [](std::uint64_t seed) {
    return numbers(split_dataset(numbered(20), 5, seed).validation);
  };
  CHECK(held_out(1) == held_out(1));
  CHECK(held_out(1) != held_out(2));
  std::vector<int> counts(20);
  constexpr int kSeeds = 4000;
  for (int seed = 0; seed < kSeeds; ++seed) {
    for (const std::size_t row : held_out(static_cast<std::uint64_t>(seed))) ++counts[row];
  }
  for (const int count : counts) CHECK(count == Approx(kSeeds / 4).margin(150));  // 5.5 sigma
}

TEST_CASE("data: rows without labels can be split") {
  Dataset data = numbered(10);
  data.labels.clear();
  data.classes = 0;
  const Split split = split_dataset(data, 3, 0);
  CHECK(split.training.rows() == 7);
  CHECK(split.validation.rows() == 3);
  CHECK_FALSE(split.validation.labelled());
}

TEST_CASE("data: a split that leaves nothing or makes no sense is wrong usage") {
  const auto fails = [](double amount) {
    return test::error_of([&] { split_dataset(numbered(10), amount, 0); }, ExitCode::kUsage);
  };
  CHECK(test::holds(fails(10), "holding 10 of 10 rows out for validation leaves none"));
  CHECK(test::holds(fails(1e30), "leaves none"));
  CHECK(test::holds(fails(0.99), "holding 10 of 10"));
  for (const double amount : {-1.0, 1.5, -0.5, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK(test::holds(fails(amount), "give a number of rows or a fraction below 1"));
  }
}

TEST_CASE("data: a stratified split holds out the same part of each class") {
  Dataset data = numbered(1000);
  for (std::size_t r = 0; r < 1000; ++r) data.labels[r] = r % 100 < 90 ? 0 : r % 100 < 99 ? 1 : 2;
  data.classes = 3;
  const Split split = split_dataset(data, 0.25, 5, true);
  REQUIRE(split.validation.rows() == 250);
  CHECK(std::ranges::count(split.validation.labels, 0) == 225);
  const auto second = std::ranges::count(split.validation.labels, 1);
  CHECK((second == 22 || second == 23));
  CHECK_FALSE(missing_class(split));
  const Split again = split_dataset(data, 0.25, 5, true);
  CHECK(again.validation.pixels == split.validation.pixels);
  CHECK(split_dataset(data, 0.25, 6, true).validation.pixels != split.validation.pixels);
}

TEST_CASE("data: a class without a row on one side of a split is told") {
  Split split{numbered(7), numbered(6)};
  CHECK(missing_class(split) == 6);
  CHECK_FALSE(missing_class({numbered(7), numbered(7)}));
  CHECK_FALSE(missing_class({numbered(3), {}}));
}

}  // namespace
}  // namespace mnist
