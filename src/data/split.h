// Splits a data set into training and validation rows.
#pragma once

#include <cstdint>
#include <optional>

#include "data/dataset.h"

namespace mnist {

struct Split {
  Dataset training;
  Dataset validation;  // no rows if nothing is held out
};

/// Moves random rows of `data` to the validation set: `amount` rows, or, if it is between 0 and 1,
/// that fraction of all rows (at least one). The same seed holds out the same rows. Both parts keep
/// the order of `data` and its number of classes. With `stratify`, the same fraction of each class
/// is held out, up to rounding. Throws Error(kUsage) if `amount` is neither a whole number nor such
/// a fraction, or if no row would be left to train on.
Split split_dataset(Dataset data, double amount, std::uint64_t seed, bool stratify = false);

/// The first class without a row in the training part, or else in the validation part. Nothing if
/// both parts have all classes, or if no row was held out.
std::optional<std::size_t> missing_class(const Split& split);

}  // namespace mnist
