#include "commands/sweep_minutes.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/atomic_file.h"
#include "base/available_cores.h"
#include "base/error.h"
#include "base/file.h"
#include "base/file_lock.h"
#include "base/number.h"
#include "base/split.h"
#include "base/text.h"
#include "cli/output.h"
#include "cli/stop_signal.h"
#include "commands/run_data.h"
#include "commands/run_reporter.h"
#include "commands/run_summary.h"
#include "commands/sweep_reporter.h"
#include "commands/sweep_summary.h"
#include "report/terminal.h"
#include "sweep/method.h"
#include "sweep/own_space.h"
#include "sweep/sweep_runner.h"
#include "sweep/time_budget.h"
#include "train/config_file.h"
#include "train/shared_run.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

constexpr const char* kSpeedsFile = "speeds.csv";
constexpr const char* kSpeedsHeader = "id,steps_per_second";
constexpr const char* kBestRun = "best";

constexpr double kHeldOut = 0.2;           // fraction of the training rows for validation
constexpr double kSearchShare = 0.45;      // fraction of the time; the rest is the final training
constexpr double kCaution = 0.9;           // safety factor on the measured speed
constexpr double kSecondsToMeasure = 0.3;  // longest measurement of one trial's speed
constexpr double kMeasuringShare = 0.05;   // largest fraction of the time for all measurements
constexpr std::size_t kMostTrialEpochs = 100;
constexpr std::size_t kMostFinalEpochs = 300;

// One search: its settings, its results so far, and its directory.
class Search {
 public:
  Search(const CLI::App& command, SweepFlags flags, const TimedSearch& options)
      : flags_(std::move(flags)),
        options_(options),
        given_(given_flags(command)),
        jobs_(options.jobs > 0 ? options.jobs : available_cores()),
        reporter_(flags_.metric, options.quiet) {}

  void run() {
    prepare_settings();
    const RunData data = load(search_settings());
    make_space(data.training());
    lock_ = open_sweep(directory_, text_,
                       [this](const std::string& earlier) { return earlier == text_; });
    measure_speeds(data);
    watch_stop_signals();
    const std::vector<TimedRound> rounds = timed_rounds(search_core_seconds());
    std::vector<Trial> points = first_trials(rounds.front().trials);
    for (std::size_t r = 0; r < rounds.size(); ++r) {
      points =
          run_round(points, rounds[r], data, fmt::format("round {} of {}", r + 1, rounds.size()));
    }
    write_best(*best_, data.training());
    tell(train_best());
  }

 private:
  double minutes_in_seconds() const { return 60 * *flags_.minutes; }
  double elapsed() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  double search_core_seconds() const {
    return kSearchShare * kCaution * minutes_in_seconds() * static_cast<double>(jobs_);
  }

  void prepare_settings() {
    if (!(*flags_.minutes > 0)) refuse("--minutes is above 0");
    TrainSettings& settings = flags_.settings;
    if (!settings.validation_data.empty()) {
      settings.validation = 0;
    } else if (!given_.contains("validation")) {
      settings.validation = kHeldOut;
      settings.stratify = true;
    }
    if (!settings.split_seed) settings.split_seed = settings.seed;
    settings.steps = 1;  // a placeholder: each trial has its own number
    complete_settings(settings);
  }

  // The settings of the search, which never sees test data.
  TrainSettings search_settings() const {
    TrainSettings settings = flags_.settings;
    settings.test_data = kNoTestData;
    return settings;
  }

  RunData load(const TrainSettings& settings) const {
    return load_run_data(settings, [this](const std::string& line) { reporter_.say(line); });
  }

  void make_space(const Dataset& training) {
    Point own = own_settings(training.rows());
    std::erase_if(own, [this](const auto& value) { return given_.contains(value.first); });
    flags_.settings = settings_at(flags_.settings, own);
    space_ = own_space(training.shape, !training.has_floats());
    std::erase_if(space_, [this](const auto& p) { return given_.contains(p.name); });
    if (space_.empty()) {
      refuse("every parameter of the search is given; leave one to it");
    }
    text_ = timed_text(flags_, space_);
    directory_ = options_.out.empty() ? fs::path("sweeps") / short_id(text_) : options_.out;
  }

  // The trials of the first round; their numbers of steps are not known yet.
  std::vector<Trial> first_trials(std::size_t count) const {
    TrainSettings base = search_settings();
    base.threads = 1;
    return make_trials(random_points(space_, count, flags_.settings.seed), base);
  }

  // Measures the speed of each trial once and stores it, so that the lengths of trials are the same
  // after an interruption.
  void measure_speeds(const RunData& data) {
    const fs::path file = directory_ / kSpeedsFile;
    resumed_ = fs::exists(file);
    if (resumed_) return read_speeds(file);
    const std::vector<Trial> trials =
        first_trials(timed_rounds(search_core_seconds()).front().trials);
    const double seconds = std::min(kSecondsToMeasure, kMeasuringShare * minutes_in_seconds() /
                                                           static_cast<double>(trials.size()));
    std::string text = fmt::format("{}\n", kSpeedsHeader);
    ThreadPool pool(1);
    for (const Trial& trial : trials) {
      speeds_[trial.id] = measure_speed(trial.settings, data.training(), pool, seconds);
      text += fmt::format("{},{}\n", trial.id, speeds_[trial.id]);
    }
    write_file_atomically(file, text);
  }

  void read_speeds(const fs::path& file) {
    const std::string text = read_file(file);
    for (const std::string_view line : split(text, '\n')) {
      if (line.empty() || line == kSpeedsHeader) continue;
      const std::vector<std::string_view> fields = split(line, ',');
      const auto speed = fields.size() == 2 ? read_number<double>(fields[1]) : std::nullopt;
      if (!speed || !(*speed > 0)) {
        throw bad_input(file.string(), fmt::format("'{}' is no row of it; remove {} to search anew",
                                                   line, directory_.string()));
      }
      speeds_[std::string(fields[0])] = *speed;
    }
  }

  double speed_of(const Trial& trial) const {
    const auto speed = speeds_.find(trial.id);
    if (speed == speeds_.end()) {
      throw bad_input(
          (directory_ / kSpeedsFile).string(),
          fmt::format("lacks trial {}; remove {} to search anew", trial.id, directory_.string()));
    }
    return speed->second;
  }

  // Trains a trial at each of these points. Returns the points of the next round, best first.
  std::vector<Trial> run_round(const std::vector<Trial>& points, const TimedRound& round,
                               const RunData& data, const std::string& name) {
    SweepPlan plan;
    plan.directory = directory_;
    plan.metric = flags_.metric;
    std::map<std::string, const Trial*> point_of;  // by the trial's id
    for (const Trial& point : points) {
      Trial trial = point;
      trial.settings.epochs.reset();
      trial.settings.steps = steps_within(round.seconds, speed_of(point), point.settings.batch_size,
                                          data.training().rows(), kMostTrialEpochs);
      trial.point.emplace_back("steps", std::to_string(*trial.settings.steps));
      trial.id = trial_id(trial.point);
      point_of[trial.id] = &point;
      plan.trials.push_back(std::move(trial));
    }
    plan.rungs = {{plan.trials.size()}};
    reporter_.say(fmt::format("{}: {} trials, {} at a time, {:.0f} s each", name,
                              plan.trials.size(), std::min(jobs_, plan.trials.size()),
                              round.seconds));
    SweepReporter reporter(flags_.metric, options_.quiet);
    const bool over = run_sweep(plan, data, jobs_, reporter);
    reporter.clear();
    if (!over) interrupted(name);
    write_trials();
    const std::vector<TrialResult> best =
        ranked(read_results(directory_, plan.trials, 1, flags_.metric), flags_.metric);
    if (best.empty()) {
      throw Error(ExitCode::kDiverged, fmt::format("all trials collapsed; {} says at which step",
                                                   (directory_ / kTrialsFile).string()));
    }
    std::vector<Trial> kept;
    for (std::size_t i = 0; i < std::max<std::size_t>(1, points.size() / 3) && i < best.size();
         ++i) {
      kept.push_back(*point_of.at(best[i].trial->id));
    }
    best_ = kept.front();
    best_steps_ = *best.front().trial->settings.steps;
    return kept;
  }

  void write_trials() const {
    const Sweep sweep = read_sweep(directory_);
    write_file_atomically(directory_ / kTrialsFile,
                          trials_csv(read_results(directory_, sweep.trials, 1, sweep.metric),
                                     sweep.space, sweep.metric));
  }

  [[noreturn]] void interrupted(const std::string& where) const {
    throw Error(
        ExitCode::kInterrupted,
        fmt::format(
            "interrupted in {}; the same command goes on{}", where,
            options_.out.empty() ? fmt::format(" in {}", shell_quoted(directory_.string())) : ""));
  }

  // Writes the settings of the final training: all training rows, and as many steps as the
  // remaining time allows, but at least those of the trial, so that the network learns even if the
  // search took too long. The settings are fixed before training, so that it can be repeated bit by
  // bit.
  void write_best(const Trial& point, const Dataset& training) {
    const fs::path file = directory_ / kBestFile;
    if (fs::exists(file)) return;
    TrainSettings settings = point.settings;
    settings.validation = 0;
    settings.validation_data.clear();
    settings.stratify = false;
    settings.split_seed.reset();
    settings.stopping = {};  // it needs validation rows
    settings.test_data = flags_.settings.test_data;
    settings.threads = flags_.settings.threads;
    ThreadPool pool(settings.threads);
    const double seconds = std::min(3 * kSecondsToMeasure, kMeasuringShare * minutes_in_seconds());
    const double speed = measure_speed(settings, training, pool, seconds);
    // The time that an earlier process used is not known; assume that the search took its share.
    const double left =
        resumed_ ? (1 - kSearchShare) * minutes_in_seconds() : minutes_in_seconds() - elapsed();
    settings.epochs.reset();
    settings.steps = steps_within(kCaution * left, speed, settings.batch_size, training.rows(),
                                  kMostFinalEpochs, best_steps_);
    if (left < 0) {
      reporter_.say(
          "the search took longer than planned: other programs keep the cores busy; the best is "
          "trained as long as its trial was");
    }
    write_file_atomically(file, settings_toml(settings));
  }

  Json train_best() {
    const fs::path run_path = directory_ / kBestRun;
    TrainSettings settings = read_settings(directory_ / kBestFile);
    complete_settings(settings);
    const JoinedRun joined = join_run(run_path, settings_toml(settings), IfBusy::kWait);
    if (joined.state == JoinedRun::State::kOurs) {
      RunReporter reporter(*joined.run, settings, options_.quiet);
      reporter.say(
          fmt::format("training the best, {} steps of {}", *settings.steps, settings.layers));
      try {
        const RunData data = load(settings);
        ThreadPool pool(settings.threads);
        if (!run_training(*joined.run, settings, data, pool, reporter)) {
          interrupted("the final training");
        }
        reporter.end();
      } catch (const std::exception& error) {
        reporter.on_failure(error.what());
        throw;
      }
    }
    return result_of_ended(run_path);
  }

  void tell(const Json& result) const {
    const Sweep sweep = read_sweep(directory_);
    Json json =
        sweep_json(directory_, sweep, read_results(directory_, sweep.trials, 1, sweep.metric));
    if (options_.json) {
      json["result"] = result;
      return write_json(json);
    }
    write_output(sweep_summary(json, sweep, terminal_width(stdout)) + "\n" + run_summary(result));
  }

  SweepFlags flags_;
  TimedSearch options_;
  std::set<std::string> given_;
  std::size_t jobs_;
  SweepReporter reporter_;
  Clock::time_point start_ = Clock::now();
  Space space_;
  std::string text_;  // of space.toml
  fs::path directory_;
  std::optional<FileLock> lock_;  // only one process at a time searches in the directory
  bool resumed_ = false;
  std::map<std::string, double> speeds_;  // steps per second, by a point's id
  std::optional<Trial> best_;             // the best point of the last round
  std::size_t best_steps_ = 0;            // the steps of its trial in that round
};

}  // namespace

void search_within_minutes(const CLI::App& command, const SweepFlags& flags,
                           const TimedSearch& options) {
  Search(command, flags, options).run();
}

}  // namespace mnist
