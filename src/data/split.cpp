#include "data/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/random.h"

namespace mnist {
namespace {

std::size_t rows_to_hold_out(std::size_t rows, double amount) {
  const bool fraction = amount > 0 && amount < 1;
  if (!fraction && !(amount >= 0 && amount == std::floor(amount))) {
    throw Error(ExitCode::kUsage,
                fmt::format("{} rows cannot be held out for validation; give a number of rows or a "
                            "fraction below 1",
                            amount));
  }
  const double held_out =
      fraction ? std::max(1.0, std::round(amount * static_cast<double>(rows))) : amount;
  if (held_out > 0 && held_out >= static_cast<double>(rows)) {
    throw Error(ExitCode::kUsage,
                fmt::format("holding {} of {} rows out for validation leaves none to train on; "
                            "hold fewer out",
                            held_out, rows));
  }
  return static_cast<std::size_t>(held_out);
}

}  // namespace

Split split_dataset(Dataset data, double amount, std::uint64_t seed) {
  const std::size_t rows = data.rows();
  std::size_t still_to_hold_out = rows_to_hold_out(rows, amount);
  Split split{std::move(data), {}};
  if (still_to_hold_out == 0) return split;
  Dataset& training = split.training;
  if (!training.has_floats()) {
    split.validation.pixels.reserve(still_to_hold_out * training.features());
  }

  // Selection sampling (Knuth, "The art of computer programming" 2, 3.4.2, algorithm S): it decides
  // row by row, so order is kept. The training rows move up in place.
  RandomStream random(seed, RandomPurpose::kSplit, 0);
  std::size_t kept = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    if (random.below(static_cast<std::uint32_t>(rows - r)) < still_to_hold_out) {
      append_rows(split.validation, training, r, 1);
      --still_to_hold_out;
      continue;
    }
    if (kept != r) move_row(training, r, kept);
    ++kept;
  }
  truncate_rows(training, kept);
  split.validation.classes = training.classes;
  split.validation.label_names = training.label_names;
  return split;
}

}  // namespace mnist
