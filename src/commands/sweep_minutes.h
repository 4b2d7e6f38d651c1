// mnist sweep --minutes: searches a space of its own within a time.
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

/// Searches by rounds of trials, a third of which goes on to a longer round, then trains the best
/// on all training rows with the time that is left and tells its test figure. Speeds are measured
/// once and kept in speeds.csv, so that an interrupted search goes on with trials of the same
/// lengths. Throws Error(kInterrupted) where a signal stopped it, and as training does.
void search_within_minutes(const CLI::App& command, const SweepFlags& flags,
                           const TimedSearch& options);

}  // namespace mnist
