#include "data/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/random.h"

namespace mnist {
namespace {

std::size_t rows_to_hold_out(std::size_t rows, double amount) {
  const bool fraction = amount > 0 && amount < 1;
  if (!fraction && !(amount >= 0 && amount == std::floor(amount))) {
    refuse(fmt::format(
        "{} rows cannot be held out for validation; give a number of rows or a fraction below 1",
        amount));
  }
  const double held_out =
      fraction ? std::max(1.0, std::round(amount * static_cast<double>(rows))) : amount;
  if (held_out > 0 && held_out >= static_cast<double>(rows)) {
    refuse(fmt::format(
        "holding {} of {} rows out for validation leaves none to train on; hold fewer out",
        held_out, rows));
  }
  return static_cast<std::size_t>(held_out);
}

// Rows that are not yet decided, and how many of them to hold out.
struct Group {
  std::size_t rows = 0;
  std::size_t to_hold_out = 0;
};

// A group for each class. Shares are rounded down; the missing rows come from the classes that lost
// most by rounding, the first of them in case of a tie.
std::vector<Group> groups_of_classes(const Dataset& data, std::size_t to_hold_out) {
  std::vector<Group> groups(data.classes);
  for (const std::int32_t label : data.labels) ++groups[static_cast<std::size_t>(label)].rows;
  std::vector<std::size_t> order(groups.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::size_t missing = to_hold_out;
  for (Group& group : groups) {
    group.to_hold_out = group.rows * to_hold_out / data.rows();
    missing -= group.to_hold_out;
  }
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t label) {
    return groups[label].rows * to_hold_out % data.rows();
  });
  for (std::size_t i = 0; i < missing; ++i) ++groups[order[i]].to_hold_out;
  return groups;
}

}  // namespace

Split split_dataset(Dataset data, double amount, std::uint64_t seed, bool stratify) {
  const std::size_t rows = data.rows();
  const std::size_t to_hold_out = rows_to_hold_out(rows, amount);
  Split split{std::move(data), {}};
  if (to_hold_out == 0) return split;
  Dataset& training = split.training;
  if (!training.has_floats()) split.validation.pixels.reserve(to_hold_out * training.features());
  std::vector<Group> groups =
      stratify ? groups_of_classes(training, to_hold_out) : std::vector<Group>{{rows, to_hold_out}};

  // Selection sampling (Knuth, "The art of computer programming" 2, 3.4.2, algorithm S) decides row
  // by row, so the order is kept. Training rows move up in place.
  RandomStream random(seed, RandomPurpose::kSplit, 0);
  std::size_t kept = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    Group& group = groups[stratify ? static_cast<std::size_t>(training.labels[r]) : 0];
    const bool held_out = random.below(static_cast<std::uint32_t>(group.rows)) < group.to_hold_out;
    --group.rows;
    if (held_out) {
      append_rows(split.validation, training, r, 1);
      --group.to_hold_out;
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

std::optional<std::size_t> missing_class(const Split& split) {
  if (split.validation.rows() == 0) return std::nullopt;
  for (const Dataset* side : {&split.training, &split.validation}) {
    std::vector<bool> found(split.training.classes);
    for (const std::int32_t label : side->labels) found[static_cast<std::size_t>(label)] = true;
    const auto missing = std::ranges::find(found, false);
    if (missing != found.end()) return static_cast<std::size_t>(missing - found.begin());
  }
  return std::nullopt;
}

}  // namespace mnist
