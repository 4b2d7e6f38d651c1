// The flags that make up a sweep, and from them its trials.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

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
  std::optional<double> minutes;  // within which a space of its own is searched
};

/// Adds them to a command, those of `train` among them; parsing sets `flags`, which must outlive
/// it.
void add_sweep_flags(CLI::App& command, SweepFlags& flags);

/// A sweep that is told in full.
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
  std::string text;    // a config file that makes the same trials
  bool timed = false;  // a search within some minutes: each trial has its number of steps
};

/// The names of the flags that a command line gives.
std::set<std::string> given_flags(const CLI::App& command);

/// `base` with these values in place. Throws Error(kUsage).
TrainSettings settings_at(TrainSettings base, const Point& point);

/// The trials at these points, each once, with their values in the form of a config file. Throws
/// Error(kUsage) naming the point.
std::vector<Trial> make_trials(const std::vector<Point>& points, const TrainSettings& base);

/// The text of a search within some minutes; the steps of a trial are no parameter.
std::string timed_text(const SweepFlags& flags, const Space& space);

/// The sweep that a parsed command and its config file describe. Throws Error(kUsage) for a space
/// that makes no sense, Error(kBadInput) for a config file that cannot be read.
Sweep make_sweep(CLI::App& command, SweepFlags& flags);

/// The file in a sweep's directory that holds Sweep::text.
inline constexpr const char* kSpaceFile = "space.toml";

/// The sweep of a directory; of a search within some minutes with the trials that it has made.
/// Throws Error(kBadInput) where there is none, and as make_sweep does.
Sweep read_sweep(const std::filesystem::path& directory);

/// The settings that all trials of a sweep share, of its Sweep::text. What the text of an earlier
/// version does not tell has its default. Throws as read_config_file and apply_config do.
nlohmann::ordered_json fixed_settings(const std::string& text);

}  // namespace mnist
