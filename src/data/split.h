// Holds rows of a data set out for validation.
#pragma once

#include <cstdint>

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
Split split_dataset(Dataset data, double amount, std::uint64_t seed);

}  // namespace mnist
