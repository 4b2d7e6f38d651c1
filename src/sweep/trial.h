// A trial: a point of the search space, and its runs, one per seed.
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
  Point point;             // values in the form of a config file
  TrainSettings settings;  // with the first seed
};

/// An identifier of ten letters and digits, a hash of the text.
std::string short_id(std::string_view text);

/// The same of parameters and their values, in any order.
std::string trial_id(Point point);

/// The run directory of repetition 0, 1, .. of a trial: `SWEEP/trials/ID`, `SWEEP/trials/ID-1`, ..
std::filesystem::path run_directory(const std::filesystem::path& sweep, const Trial& trial,
                                    std::size_t repetition);

/// The trial's settings for a repetition: `repetition` is added to the seed.
TrainSettings run_settings(const Trial& trial, std::size_t repetition);

/// The state of a sweep's run on disk.
struct RunRecord {
  bool visible = false;  // in its final directory: complete, collapsed or stopped early
  bool collapsed = false;
  std::optional<ValidationRecord> end;  // of a complete run
  std::vector<ValidationRecord> rungs;  // validations before the end
  std::size_t steps = 0;                // at the end, or at the last rung of an unfinished run
  double seconds = 0;                   // duration of these steps

  /// The figures after `step` steps, else those of the end; nullptr if there are none.
  const ValidationRecord* at(std::size_t step) const;

  /// Whether the run needs no more training up to `step`.
  bool done(std::size_t step) const { return collapsed || at(step) != nullptr; }
};

/// Reads the state of a run. Throws Error(kBadInput) naming a malformed file.
RunRecord read_run(const std::filesystem::path& directory);

/// Writes rungs.csv.
void write_rungs(const std::filesystem::path& file, const std::vector<ValidationRecord>& rungs);

/// Reads rungs.csv; a missing file has no rows. Throws Error(kBadInput) naming a malformed file.
std::vector<ValidationRecord> read_rungs(const std::filesystem::path& file);

}  // namespace mnist
