#include "commands/sweep_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>
#include <utility>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/file.h"
#include "base/suggestion.h"
#include "base/text.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "commands/inputs.h"
#include "train/config_file.h"
#include "train/run_files.h"
#include "train/setting_setter.h"

namespace mnist {
namespace {

constexpr double kDefaultValidation = 10'000;

constexpr std::array<Choice<std::optional<SweepMethod>>, 3> kMethods{
    {{"grid", SweepMethod::kGrid},
     {"random", SweepMethod::kRandom},
     {"halving", SweepMethod::kHalving}}};
constexpr std::array<Choice<Metric>, 2> kMetrics{
    {{"validation_accuracy", Metric::kValidationAccuracy},
     {"validation_loss", Metric::kValidationLoss}}};

// The reason why a setting cannot be swept; nothing if it can.
std::optional<std::string> reason_to_be_fixed(const std::string& name) {
  if (name == "test-data") return "no trial looks at test data";
  const std::vector<Setting> settings = list_settings({});
  const Setting* setting = find_setting(settings, name);
  if (setting != nullptr && setting->group == "Data") {
    return "all trials share one data set and its rows held out";
  }
  if (name == "threads") return "it does not change what a trial learns; see --jobs";
  return std::nullopt;
}

Space parse_all(const std::vector<std::string>& texts, const char* flag,
                Hyperparameter (*parse)(std::string_view)) {
  Space space;
  for (const std::string& text : texts) {
    try {
      space.push_back(parse(text));
    } catch (const Error& error) {
      refuse(fmt::format("{}: {}", flag, error.what()));
    }
  }
  return space;
}

std::set<std::string> names_of(const Space& space) {
  std::set<std::string> names;
  for (const Hyperparameter& parameter : space) names.insert(parameter.name);
  return names;
}

// The list of the search's own settings, like visit_settings() in train/settings.cpp.
template <class Visitor>
void visit_search(SweepFlags& flags, Visitor& visit) {
  visit.choice("method", flags.method,
               std::span<const Choice<std::optional<SweepMethod>>>(kMethods),
               "every combination; points spread evenly; or those, of which the worse are given up "
               "early [grid, or random where there is a --sample]");
  visit.count("trials", flags.trials, "how many points to try");
  visit.count("seeds", flags.seeds, "runs of each trial, with one seed after the other");
  visit.count("reduction", flags.reduction,
              "halving: this part of the trials goes on, each this many times as far");
  visit.choice("metric", flags.metric, std::span<const Choice<Metric>>(kMetrics),
               "what makes one trial better than another");
  visit.number("minutes", flags.minutes,
               "search a space of its own within so many minutes, and train the best");
}

SweepFlags default_flags() {
  SweepFlags flags;
  flags.settings = default_settings();
  flags.settings.validation = kDefaultValidation;
  return flags;
}

// The settings that a setting excludes.
std::vector<std::string> excluded_by(const std::string& name) {
  for (const Setting& setting : list_settings({})) {
    if (setting.name == name) return setting.excludes;
  }
  return {};
}

// `name` itself if it is given, else a given setting that it excludes.
std::optional<std::string> given_beside(const std::set<std::string>& given,
                                        const std::string& name) {
  if (given.contains(name)) return name;
  for (const std::string& other : excluded_by(name)) {
    if (given.contains(other)) return other;
  }
  return std::nullopt;
}

// Adds the entries of a section of the config file that the command line does not override.
void add_from_file(const ConfigFile& file, const std::string& section,
                   const std::set<std::string>& given, const std::set<std::string>& swept,
                   std::vector<std::string>& texts) {
  const std::string prefix = section + ".";
  for (const ConfigFile::Entry& entry : file.entries) {
    if (!entry.key.starts_with(prefix)) continue;
    const std::string name = entry.key.substr(prefix.size());
    if (swept.contains(name) || given_beside(given, name)) continue;
    texts.push_back(fmt::format("{}={}", name, fmt::join(entry.values, "|")));
  }
}

void check_names(const Space& space, const std::set<std::string>& fixed) {
  std::vector<std::string> known;
  for (const Setting& setting : list_settings({})) known.push_back(setting.name);
  std::set<std::string> seen;
  for (const Hyperparameter& parameter : space) {
    const std::string& name = parameter.name;
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      refuse(fmt::format("'{}' is no flag of train{}", name, did_you_mean(name, known)));
    }
    if (const auto reason = reason_to_be_fixed(name)) {
      refuse(fmt::format("{} cannot be swept: {}", name, *reason));
    }
    if (!seen.insert(name).second) {
      refuse(fmt::format("{} is swept twice; give it one list or range", name));
    }
    if (const auto given = given_beside(fixed, name)) {
      refuse(*given == name
                 ? fmt::format("{} is both fixed and swept; remove one of the two", name)
                 : fmt::format(
                       "{} is swept and {} fixed, which exclude each other; remove one of the two",
                       name, *given));
    }
    for (const std::string& other : excluded_by(name)) {
      if (seen.contains(other)) {
        refuse(
            fmt::format("{} and {} are both swept, but exclude each other; remove one of the two",
                        other, name));
      }
    }
  }
}

std::string shared_text(const TrainSettings& settings, const std::set<std::string>& swept) {
  std::string text = "# What all trials share:\n";
  const nlohmann::ordered_json fixed = settings_json(settings);
  for (const auto& [key, value] : fixed.items()) {
    if (!swept.contains(key)) text += config_line(key, value);
  }
  return text;
}

std::string sweep_text(const Sweep& sweep, const SweepFlags& flags) {
  std::string text = "# mnist sweep --config on this file makes the same trials again.\n";
  text += config_line(kFormatKey, kConfigFormat);
  text +=
      fmt::format("method = \"{}\"\n", name_of<std::optional<SweepMethod>>(sweep.method, kMethods));
  if (sweep.method != SweepMethod::kGrid) text += fmt::format("trials = {}\n", *flags.trials);
  if (sweep.method == SweepMethod::kHalving) {
    text += fmt::format("reduction = {}\n", sweep.reduction);
  }
  text += fmt::format("seeds = {}\nmetric = \"{}\"\n", sweep.seeds, name_of(sweep.metric));
  for (const Hyperparameter& parameter : sweep.grid) {
    text += config_line(fmt::format("grid.{}", parameter.name), parameter.values);
  }
  for (const Hyperparameter& parameter : sweep.sample) {
    text += config_line(fmt::format("sample.{}", parameter.name), sample_text(parameter));
  }
  return text + shared_text(flags.settings, names_of(sweep.space));
}

SweepMethod method_of(const SweepFlags& flags, const Space& sample) {
  return flags.method.value_or(sample.empty() ? SweepMethod::kGrid : SweepMethod::kRandom);
}

std::vector<Point> points_of(const Sweep& sweep, const SweepFlags& flags) {
  if (sweep.method == SweepMethod::kGrid) {
    if (flags.trials) refuse("a grid has as many trials as combinations; remove --trials");
    return grid_points(sweep.space);
  }
  if (!flags.trials) refuse("say how many points to try with --trials");
  return random_points(sweep.space, *flags.trials, sweep.fixed.seed);
}

// The sweep of these flags; `fixed` contains the names of the given ones.
Sweep sweep_of(SweepFlags flags, const std::set<std::string>& fixed) {
  Sweep sweep;
  sweep.grid = parse_all(flags.grid, "--grid", parse_grid);
  sweep.sample = parse_all(flags.sample, "--sample", parse_sample);
  sweep.space = sweep.grid;
  sweep.space.insert(sweep.space.end(), sweep.sample.begin(), sweep.sample.end());
  if (sweep.space.empty()) {
    refuse("there is nothing to sweep; give --grid lr=0.03|0.1 or --sample 'lr=log(1e-3,1)'");
  }
  check_names(sweep.space, fixed);
  const std::set<std::string> swept = names_of(sweep.space);
  if (flags.seeds > 1 && swept.contains("seed")) {
    refuse("seed is swept and repeated; remove --seeds");
  }
  if (flags.reduction < 2) refuse("--reduction is at least 2");
  if (!flags.settings.validation_data.empty()) flags.settings.validation = 0;
  if (!validates(flags.settings)) {
    refuse("a sweep measures on rows held out of the training data; give --validation");
  }
  sweep.method = method_of(flags, sweep.sample);
  sweep.seeds = flags.seeds;
  sweep.reduction = flags.reduction;
  sweep.metric = flags.metric;
  sweep.fixed = flags.settings;
  if (!sweep.fixed.split_seed) sweep.fixed.split_seed = sweep.fixed.seed;
  TrainSettings base = sweep.fixed;
  base.test_data = kNoTestData;
  if (base.threads == 0) base.threads = 1;
  sweep.trials = make_trials(points_of(sweep, flags), base);
  sweep.text = sweep_text(sweep, flags);
  return sweep;
}

// The flags from a sweep's file; adds the names of those in the file to `given`.
SweepFlags flags_of(const ConfigFile& file, std::set<std::string>& given) {
  SweepFlags flags = default_flags();
  std::vector<Setting> known = list_settings(flags.settings);
  for (const char* name :
       {"grid", "sample", "method", "trials", "seeds", "reduction", "metric", "minutes"}) {
    known.push_back({name, "", "", "", "", {}, false});
  }
  apply_config(file, known, {}, [&](const std::string& name, const std::string& text) {
    SettingSetter setter(name, text);
    visit_search(flags, setter);
    set_setting(flags.settings, name, text);
    given.insert(name);
  });
  add_from_file(file, "grid", given, {}, flags.grid);
  add_from_file(file, "sample", given, {}, flags.sample);
  return flags;
}

// The trials in the directory of a search with --minutes.
std::vector<Trial> trials_in(const std::filesystem::path& directory, const Space& space) {
  std::vector<Trial> trials;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory / "trials", ignored)) {
    const std::filesystem::path config = entry.path() / run_files::kConfig;
    if (entry.path().filename().string().starts_with('.') || !std::filesystem::exists(config)) {
      continue;  // still in training
    }
    Trial trial{entry.path().filename().string(), {}, read_settings(config)};
    complete_settings(trial.settings);
    const nlohmann::ordered_json values = settings_json(trial.settings);
    for (const Hyperparameter& parameter : space) {
      trial.point.emplace_back(parameter.name, plain_text(values.at(parameter.name)));
    }
    trials.push_back(std::move(trial));
  }
  std::ranges::sort(trials, {}, &Trial::id);
  return trials;
}

std::string point_text(const Point& point) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : point) parts.push_back(fmt::format("{}={}", name, value));
  return fmt::format("{}", fmt::join(parts, " "));
}

}  // namespace

TrainSettings settings_at(TrainSettings base, const Point& point) {
  for (const auto& [name, value] : point) {
    try {
      set_setting(base, name, value);
    } catch (const Error& error) {
      throw Error(error.code(), fmt::format("--{}: {}", name, error.what()));
    }
  }
  complete_settings(base);
  return base;
}

std::set<std::string> given_flags(const CLI::App& command) {
  std::set<std::string> given;
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() > 0 && !option->get_lnames().empty()) {
      given.insert(option->get_lnames().front());
    }
  }
  return given;
}

std::vector<Trial> make_trials(const std::vector<Point>& points, const TrainSettings& base) {
  std::vector<Trial> trials;
  std::set<std::string> ids;
  for (const Point& point : points) {
    try {
      Trial trial{"", {}, settings_at(base, point)};
      find_start(trial.settings);
      const nlohmann::ordered_json values = settings_json(trial.settings);
      for (const auto& [name, text] : point) {
        trial.point.emplace_back(name, plain_text(values.at(name)));
      }
      trial.id = trial_id(trial.point);
      if (ids.insert(trial.id).second) trials.push_back(std::move(trial));
    } catch (const Error& error) {
      throw Error(error.code(), fmt::format("trial {}: {}", point_text(point), error.what()));
    }
  }
  return trials;
}

std::string timed_text(const SweepFlags& flags, const Space& space) {
  std::string text = "# mnist sweep --minutes with these settings searches so again.\n";
  text += config_line(kFormatKey, kConfigFormat);
  text += config_line("minutes", *flags.minutes);
  text += fmt::format("metric = \"{}\"\n", name_of(flags.metric));
  for (const Hyperparameter& parameter : space) {
    text += config_line(fmt::format("sample.{}", parameter.name), sample_text(parameter));
  }
  std::set<std::string> swept = names_of(space);
  swept.insert("steps");
  return text + shared_text(flags.settings, swept);
}

void add_sweep_flags(CLI::App& command, SweepFlags& flags) {
  flags = default_flags();
  add_config_flags(command, flags.config);
  FlagAdder add(command);
  add.group("Search");
  add.texts("grid", "NAME=VALUE|..", flags.grid, "values of a flag of train; may be given again");
  add.texts("sample", "NAME=RANGE", flags.sample,
            "range of a flag of train: log(LOW,HIGH), uniform(LOW,HIGH), int(LOW,HIGH) or "
            "choice(VALUE|..)");
  visit_search(flags, add);
  add_setting_flags(command, flags.settings);
}

Sweep make_sweep(CLI::App& command, SweepFlags& flags) {
  if (const auto file = read_given_config(flags.config)) {
    std::set<std::string> swept = names_of(parse_all(flags.grid, "--grid", parse_grid));
    swept.merge(names_of(parse_all(flags.sample, "--sample", parse_sample)));
    const std::set<std::string> given = given_flags(command);
    add_from_file(*file, "grid", given, swept, flags.grid);
    add_from_file(*file, "sample", given, swept, flags.sample);
    apply_config_file(command, *file, swept);
  }
  return sweep_of(flags, given_flags(command));
}

FileLock open_sweep(const std::filesystem::path& directory, const std::string& text,
                    const std::function<bool(const std::string&)>& accepts) {
  check_name("--out", directory.string());
  create_directories_for_good(directory / "trials");
  FileLock lock(directory / kLockFile);
  lock.acquire(IfBusy::kWait);
  const std::filesystem::path file = directory / kSpaceFile;
  if (std::filesystem::exists(file) && !accepts(read_file(file))) {
    refuse(fmt::format("{} holds a sweep of other settings; choose another --out",
                       directory.string()));
  }
  write_file_atomically(file, text);
  return lock;
}

Sweep read_sweep(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / kSpaceFile;
  if (!std::filesystem::exists(path)) {
    throw Error(ExitCode::kBadInput,
                fmt::format("{} holds no sweep; it has no {}", directory.string(), kSpaceFile));
  }
  std::set<std::string> given;
  const SweepFlags flags = flags_of(read_config_file(path), given);
  if (!flags.minutes) return sweep_of(flags, given);
  Sweep sweep;
  sweep.timed = true;
  sweep.method = SweepMethod::kHalving;
  sweep.sample = parse_all(flags.sample, "sample", parse_sample);
  sweep.space = sweep.sample;
  sweep.seeds = 1;
  sweep.metric = flags.metric;
  sweep.fixed = flags.settings;
  sweep.trials = trials_in(directory, sweep.space);
  sweep.text = read_file(path);
  return sweep;
}

nlohmann::ordered_json fixed_settings(const std::string& text) {
  ConfigFile file = parse_config(kSpaceFile, text);
  // Do not add the fixed settings of version 1.0: the other text lacks them, too.
  file.of_version_1_0 = false;
  std::set<std::string> given;
  const SweepFlags flags = flags_of(file, given);
  nlohmann::ordered_json settings = settings_json(flags.settings);
  for (const std::string& name : names_of(parse_all(flags.grid, "grid", parse_grid))) {
    settings.erase(name);
  }
  for (const std::string& name : names_of(parse_all(flags.sample, "sample", parse_sample))) {
    settings.erase(name);
  }
  return settings;
}

}  // namespace mnist
