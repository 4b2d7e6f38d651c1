// The state of a training run between two steps, as a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "nn/layer.h"
#include "train/collapse_watch.h"
#include "train/early_stopping.h"

namespace mnist {

/// All that training needs to go on to the same bits as if it had never stopped. Random numbers
/// need no state: they follow from the seed and the step.
struct Checkpoint {
  /// What is written today. Before format 2, which is of version 1.0, training came to other bits.
  static constexpr std::uint64_t kFormat = 2;

  std::uint64_t format = kFormat;
  std::string layers;        // the network's whole stack
  std::uint64_t steps = 0;   // made so far
  double train_seconds = 0;  // they took
  double epoch_loss = 0;     // sum of the row losses of the epoch begun
  std::uint64_t epoch_samples = 0;
  CollapseState collapse;
  BestEpoch best;
  std::vector<NamedParameter> parameters;
  std::vector<NamedParameter> optimizer_state;
};

/// Tells data sets apart; two that differ have the same hash by rare chance only.
std::uint64_t hash_of(const Dataset& data);

/// `data_hash` is that of the training rows.
void save_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint,
                     std::uint64_t data_hash);

/// Throws Error(kBadInput) naming the file where it holds no checkpoint, one of a later format, or
/// one of other data.
Checkpoint load_checkpoint(const std::filesystem::path& path, std::uint64_t data_hash);

}  // namespace mnist
