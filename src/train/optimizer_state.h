// The optimizer's state after a complete run, as a safetensors file, for a run that trains the
// network further.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "nn/layer.h"

namespace mnist {

struct OptimizerState {
  std::uint64_t steps = 0;   // updates, those of earlier runs included
  std::uint64_t epochs = 0;  // epochs started, likewise; the next run draws rows from the next one
  std::vector<NamedParameter> parameters;  // Optimizer::state()
};

void save_optimizer_state(const std::filesystem::path& path, const OptimizerState& state);

/// Throws Error(kBadInput) naming the file if it holds no such state or has a later format.
OptimizerState load_optimizer_state(const std::filesystem::path& path);

}  // namespace mnist
