// Holds rows of a data set out for validation.
#pragma once

#include <cstdint>
#include <optional>

#include "data/dataset.h"

namespace mnist {

struct Split {
  Dataset training;
  Dataset validation;  // no rows where nothing is held out
};

/// Moves a random part of `data` into the validation set: `amount` rows, or that fraction of all
/// rows (at least one) where it lies in (0, 1). The same seed holds out the same rows; both parts
/// keep the order of `data` and its number of classes. Throws Error(kUsage) where `amount` is
/// neither a whole number nor such a fraction, or where nothing would be left to train on.
/// Stratified, the parts of a class held out are as large as that of all rows, but for rounding.
Split split_dataset(Dataset data, double amount, std::uint64_t seed, bool stratify = false);

/// The first class without a row on one side of a split, if there is one on both.
std::optional<std::size_t> missing_class(const Split& split);

}  // namespace mnist
