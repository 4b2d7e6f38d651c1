// The share of a sweep's trials that one of several processes trains.
#pragma once

#include <optional>
#include <string>

#include "sweep/sweep_runner.h"

namespace mnist {

/// Parses "1/4", the first of four parts. Throws Error(kUsage).
Shard parse_shard(const std::string& text);

/// The shard of a task in a Slurm job array, from the environment variables that Slurm sets
/// (sbatch(1), "OUTPUT ENVIRONMENT VARIABLES"); nothing outside a job array. Throws Error(kUsage)
/// if the indices of the array are not evenly spaced.
std::optional<Shard> slurm_shard();

}  // namespace mnist
