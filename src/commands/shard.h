// Which of the trials of a sweep one of several processes takes.
#pragma once

#include <optional>
#include <string>

#include "sweep/sweep_runner.h"

namespace mnist {

/// "1/4" is the first of four parts. Throws Error(kUsage).
Shard parse_shard(const std::string& text);

/// The part of a task of a Slurm job array, by the environment variables that Slurm sets
/// (sbatch(1), "OUTPUT ENVIRONMENT VARIABLES"); none outside of one. Throws Error(kUsage) where the
/// indices of the array are not evenly spaced.
std::optional<Shard> slurm_shard();

}  // namespace mnist
