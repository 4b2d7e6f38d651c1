// mnist sweep --minutes: searches a default space within a given time.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <filesystem>

#include "commands/sweep_space.h"

namespace mnist {

struct TimedSearch {
  std::filesystem::path out;  // empty: named after the settings
  std::size_t jobs = 0;
  bool json = false;
  bool quiet = false;
};

/// Searches in rounds; the best third of the trials of a round enters the next, longer one. Then
/// trains the best on all training rows in the remaining time, and prints its result. Speeds are
/// measured once and stored in speeds.csv, so that an interrupted search continues with trials of
/// the same lengths. Throws Error(kInterrupted) after a stop signal, and the errors of training.
void search_within_minutes(const CLI::App& command, const SweepFlags& flags,
                           const TimedSearch& options);

}  // namespace mnist
