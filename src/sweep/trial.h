// A trial: a point of the space, and the run or the runs, one for each seed, that try it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sweep/space.h"
#include "train/train_settings.h"
#include "train/trainer.h"

namespace mnist {

struct Trial {
  std::string id;
  Point point;             // each value as a config file has it
  TrainSettings settings;  // of the first seed
};

/// Ten letters and digits that follow from a text.
std::string short_id(std::string_view text);

/// The same from the parameters and their values, whatever their order.
std::string trial_id(Point point);

/// The run directory of repetition 0, 1, .. of a trial: `SWEEP/trials/ID`, `SWEEP/trials/ID-1`, ..
std::filesystem::path run_directory(const std::filesystem::path& sweep, const Trial& trial,
                                    std::size_t repetition);

/// The trial's settings with the seed of that repetition: the next whole number each.
TrainSettings run_settings(const Trial& trial, std::size_t repetition);

/// What is on disk of a run of a sweep.
struct RunRecord {
  bool visible = false;  // in its directory: complete, collapsed or given up
  bool collapsed = false;
  std::optional<ValidationRecord> end;  // of a complete run
  std::vector<ValidationRecord> rungs;  // measured on the way
  std::size_t steps = 0;                // made by a run that has ended, measured of another
  double seconds = 0;                   // they took

  /// The figures after `step` steps, or at the end of a run that was complete before.
  const ValidationRecord* at(std::size_t step) const;

  /// Whether nothing is left to do up to there.
  bool done(std::size_t step) const { return collapsed || at(step) != nullptr; }
};

/// Reads it. Throws Error(kBadInput) naming a file that is not what it should be.
RunRecord read_run(const std::filesystem::path& directory);

/// Writes rungs.csv.
void write_rungs(const std::filesystem::path& file, const std::vector<ValidationRecord>& rungs);

/// Reads it; a missing file has no rows.
std::vector<ValidationRecord> read_rungs(const std::filesystem::path& file);

}  // namespace mnist
