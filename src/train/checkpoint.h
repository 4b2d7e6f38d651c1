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

/// Everything that training needs to continue to the same bits as without the interruption. Random
/// numbers need no state, because they are functions of the seed and the step.
struct Checkpoint {
  /// The format of new files. Version 1.0 wrote format 1; its training gave other bits.
  static constexpr std::uint64_t kFormat = 2;

  std::uint64_t format = kFormat;
  std::string layers;        // the network's complete layer list
  std::uint64_t steps = 0;   // finished steps
  double train_seconds = 0;  // duration of these steps
  double epoch_loss = 0;     // sum of the row losses in the current epoch
  std::uint64_t epoch_samples = 0;
  CollapseState collapse;
  BestEpoch best;
  std::vector<NamedParameter> parameters;
  std::vector<NamedParameter> optimizer_state;
};

/// A hash of a data set, to notice that a checkpoint belongs to other data.
std::uint64_t hash_of(const Dataset& data);

/// Writes a checkpoint. `data_hash` is the hash of the training rows.
void save_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint,
                     std::uint64_t data_hash);

/// Throws Error(kBadInput) naming the file if it is no checkpoint, has a later format, or belongs
/// to other data.
Checkpoint load_checkpoint(const std::filesystem::path& path, std::uint64_t data_hash);

}  // namespace mnist
