// What a complete run leaves behind for a run that trains its network further: a safetensors file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "nn/layer.h"

namespace mnist {

struct OptimizerState {
  std::uint64_t steps = 0;   // updates made, also by the runs before
  std::uint64_t epochs = 0;  // begun, likewise: rows and distortions are drawn from the next one on
  std::vector<NamedParameter> parameters;  // Optimizer::state()
};

void save_optimizer_state(const std::filesystem::path& path, const OptimizerState& state);

/// Throws Error(kBadInput) naming the file where it holds no such state, or one of a later format.
OptimizerState load_optimizer_state(const std::filesystem::path& path);

}  // namespace mnist
