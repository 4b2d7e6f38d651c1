// The flags of a sweep, and the trials that follow from them.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/file_lock.h"
#include "cli/config_file.h"
#include "sweep/method.h"
#include "sweep/sweep_results.h"
#include "sweep/trial.h"

namespace mnist {

struct SweepFlags {
  ConfigFlags config;
  TrainSettings settings;  // the fixed part of every trial
  std::vector<std::string> grid;
  std::vector<std::string> sample;
  std::optional<SweepMethod> method;
  std::optional<std::size_t> trials;
  std::size_t seeds = 1;
  std::size_t reduction = 3;
  Metric metric = Metric::kValidationAccuracy;
  std::optional<double> minutes;  // the time for a search of the default space
};

/// Adds the flags of a sweep, including those of `train`, to a command. Parsing sets `flags`, which
/// must outlive the command.
void add_sweep_flags(CLI::App& command, SweepFlags& flags);

/// A complete description of a sweep.
struct Sweep {
  SweepMethod method;
  Space grid;    // given as lists of values
  Space sample;  // given as ranges
  Space space;   // both
  std::size_t seeds;
  std::size_t reduction;
  Metric metric;
  TrainSettings fixed;
  std::vector<Trial> trials;
  std::string text;    // a config file that gives the same trials
  bool timed = false;  // a search with --minutes: each trial has its own number of steps
};

/// The names of the flags on the command line.
std::set<std::string> given_flags(const CLI::App& command);

/// `base` with the values of `point`. Throws Error(kUsage) naming the flag of an invalid value.
TrainSettings settings_at(TrainSettings base, const Point& point);

/// The trials at these points, without duplicates; their values are in the form of a config file.
/// Throws Error(kUsage) naming the point.
std::vector<Trial> make_trials(const std::vector<Point>& points, const TrainSettings& base);

/// Sweep::text of a search with --minutes. It does not contain the numbers of steps.
std::string timed_text(const SweepFlags& flags, const Space& space);

/// The sweep that a parsed command and its config file describe. Throws Error(kUsage) for an
/// invalid space, Error(kBadInput) for an unreadable config file.
Sweep make_sweep(CLI::App& command, SweepFlags& flags);

/// Files in a sweep's directory: Sweep::text, and the lock for writing.
inline constexpr const char* kSpaceFile = "space.toml";
inline constexpr const char* kLockFile = ".lock";

/// Creates a sweep's directory, or opens it again, and writes Sweep::text. Returns the lock. Throws
/// Error(kUsage) if the directory holds a sweep with a text that `accepts` refuses.
FileLock open_sweep(const std::filesystem::path& directory, const std::string& text,
                    const std::function<bool(const std::string& earlier)>& accepts);

/// The sweep in a directory; for a search with --minutes, with the trials it has trained. Throws
/// Error(kBadInput) if there is none, and the errors of make_sweep.
Sweep read_sweep(const std::filesystem::path& directory);

/// The settings that all trials share, from Sweep::text. A setting that the text of an earlier
/// version lacks has its default. Throws the errors of read_config_file and apply_config.
nlohmann::ordered_json fixed_settings(const std::string& text);

}  // namespace mnist
