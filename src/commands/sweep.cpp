// mnist sweep: trains the trials of a search space in one process, and ranks them.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/atomic_file.h"
#include "base/available_cores.h"
#include "base/error.h"
#include "base/file_lock.h"
#include "base/program.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "cli/stop_signal.h"
#include "commands/run_data.h"
#include "commands/shard.h"
#include "commands/sweep_minutes.h"
#include "commands/sweep_reporter.h"
#include "commands/sweep_space.h"
#include "commands/sweep_summary.h"
#include "report/terminal.h"
#include "sweep/sweep_runner.h"
#include "train/config_file.h"
#include "train/shared_run.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kDefaultParent = "sweeps";
constexpr std::size_t kMostRuns = 1'000'000;

struct SweepOptions {
  SweepFlags flags;
  fs::path out;
  fs::path collect;
  std::string shard;
  std::size_t jobs = 0;
  bool print_commands = false;
  bool tensorboard = false;
  bool json = false;
  bool quiet = false;
};

// The shard of this process. Successive halving compares all trials and has no shards; the tasks of
// a job array share its work through the runs' locks.
Shard shard_of(const CLI::App& app, const SweepOptions& options, SweepMethod method) {
  const bool halving = method == SweepMethod::kHalving;
  if (app.count("--shard") > 0) {
    if (halving) {
      refuse(
          "halving compares all trials and has no shards; processes that run the same command in "
          "the same directory share the work");
    }
    return parse_shard(options.shard);
  }
  return halving ? Shard() : slurm_shard().value_or(Shard());
}

// Whether a sweep may continue in the directory of an earlier one: both have the same fixed
// settings, so their trials are comparable.
bool can_follow(const Sweep& sweep, const std::string& earlier) {
  if (sweep.text == earlier) return true;
  const std::string halving = "method = \"halving\"\n";
  return fixed_settings(sweep.text) == fixed_settings(earlier) &&
         sweep.text.find(halving) == std::string::npos &&
         earlier.find(halving) == std::string::npos;
}

void open_directory(const fs::path& directory, const Sweep& sweep) {
  open_sweep(directory, sweep.text,
             [&](const std::string& earlier) { return can_follow(sweep, earlier); });
}

// The flags of `mnist train` that give these settings.
std::string flags_of(const TrainSettings& settings) {
  TrainSettings plain = default_settings();
  complete_settings(plain);
  const Json usual = settings_json(plain);
  const Json values = settings_json(settings);
  // If the optimizer or the schedule is not the default one, neither are the defaults of these
  // settings, so their flags are always written.
  std::set<std::string> replaced;
  for (const Setting& setting : list_settings(plain)) {
    const std::string& owner = setting.depends_on;
    if (!owner.empty() && values.at(owner) != usual.at(owner)) replaced.insert(setting.name);
  }
  std::string text;
  for (const auto& [key, value] : values.items()) {
    if (!replaced.contains(key) && usual.contains(key) && usual.at(key) == value) continue;
    text += fmt::format(" --{}", key);
    if (value.is_boolean()) continue;
    text += fmt::format(" {}", shell_quoted(plain_text(value)));
  }
  return text;
}

// A command for this program that also works from another directory.
std::string program() {
  const fs::path name = program_name();
  return name.has_parent_path() ? fs::absolute(name).lexically_normal().string() : name.string();
}

void print_commands(const SweepPlan& plan) {
  for (std::size_t i = plan.shard.index; i < plan.trials.size(); i += plan.shard.count) {
    for (std::size_t k = 0; k < plan.seeds; ++k) {
      const fs::path run = fs::absolute(run_directory(plan.directory, plan.trials[i], k));
      write_output(fmt::format("{} train{} --out {} --continue --quiet{}\n",
                               shell_quoted(program()), flags_of(run_settings(plan.trials[i], k)),
                               shell_quoted(run.lexically_normal().string()),
                               plan.events ? " --tensorboard" : ""));
    }
  }
}

// Checks the settings of all trials before the first one is trained.
void check_trials(const SweepPlan& plan, const RunData& data) {
  for (const Trial& trial : plan.trials) {
    try {
      check_settings(trial.settings, data.training());
    } catch (const Error& error) {
      std::string text;
      for (const auto& [name, value] : trial.point) text += fmt::format(" {}={}", name, value);
      throw Error(error.code(), fmt::format("trial{}: {}", text, error.what()));
    }
  }
}

// The settings of a trial for `mnist train`, with test data.
std::string best_text(const Trial& trial, const TrainSettings& fixed) {
  TrainSettings settings = trial.settings;
  settings.test_data = fixed.test_data;
  settings.threads = fixed.threads;
  return settings_toml(settings);
}

// Collects the results in the directory into trials.csv and best.toml.
std::vector<TrialResult> write_results(const fs::path& directory, const Sweep& sweep) {
  // The lock makes sure that the process that writes last has read the latest results.
  const FileLock lock(directory / kLockFile);
  lock.acquire(IfBusy::kWait);
  std::vector<TrialResult> results =
      read_results(directory, sweep.trials, sweep.seeds, sweep.metric);
  write_file_atomically(directory / kTrialsFile, trials_csv(results, sweep.space, sweep.metric));
  const std::vector<TrialResult> best = ranked(results, sweep.metric);
  // A search with --minutes has already written the settings of its final run.
  if (!best.empty() && !sweep.timed) {
    write_file_atomically(directory / kBestFile, best_text(*best.front().trial, sweep.fixed));
  }
  return results;
}

void tell_results(const SweepOptions& options, const fs::path& directory, const Sweep& sweep) {
  const std::vector<TrialResult> results = write_results(directory, sweep);
  const Json json = sweep_json(directory, sweep, results);
  if (options.json) {
    write_json(json);
  } else {
    write_output(sweep_summary(json, sweep, terminal_width(stdout)));
  }
  if (json["collapsed"] == sweep.trials.size()) {
    throw Error(
        ExitCode::kDiverged,
        fmt::format(
            "all trials collapsed; {} says at which step, {} why. Search lower learning rates",
            (directory / kTrialsFile).string(), run_files::kCollapse));
  }
}

void run_collect(CLI::App& app, SweepOptions& options) {
  const auto is_given = [](const CLI::Option* option) {
    const std::string& name = option->get_lnames().empty() ? "" : option->get_lnames().front();
    return option->count() > 0 && name != "collect" && name != "json" && name != "quiet";
  };
  if (!app.get_options(is_given).empty()) {
    refuse("--collect takes all settings from the sweep; give none beside it");
  }
  tell_results(options, options.collect, read_sweep(options.collect));
}

std::vector<Rung> rungs_of(const Sweep& sweep) {
  if (sweep.method == SweepMethod::kHalving) {
    return halving_rungs(sweep.trials.size(), sweep.reduction);
  }
  return {{sweep.trials.size()}};
}

void run_sweep_command(CLI::App& app, SweepOptions& options) {
  if (!options.collect.empty()) return run_collect(app, options);
  if (options.flags.minutes) {
    return search_within_minutes(app, options.flags,
                                 {options.out, options.jobs, options.json, options.quiet});
  }
  const Sweep sweep = make_sweep(app, options.flags);
  SweepPlan plan;
  if (sweep.seeds > kMostRuns / std::max<std::size_t>(1, sweep.trials.size())) {
    refuse(fmt::format("{} trials of {} runs each are more than {}; take fewer --seeds",
                       sweep.trials.size(), sweep.seeds, kMostRuns));
  }
  plan.directory =
      options.out.empty() ? fs::path(kDefaultParent) / short_id(sweep.text) : options.out;
  plan.trials = sweep.trials;
  plan.seeds = sweep.seeds;
  plan.metric = sweep.metric;
  plan.rungs = rungs_of(sweep);
  plan.shard = shard_of(app, options, sweep.method);
  plan.events = options.tensorboard;
  if (options.print_commands) {
    if (sweep.method == SweepMethod::kHalving) {
      refuse("halving decides as it goes which trials to train on; there are no commands to print");
    }
    open_directory(plan.directory, sweep);
    return print_commands(plan);
  }
  const std::size_t threads = std::max<std::size_t>(1, sweep.fixed.threads);
  const std::size_t jobs =
      options.jobs > 0 ? options.jobs : std::max<std::size_t>(1, available_cores() / threads);

  SweepReporter reporter(sweep.metric, options.quiet);
  TrainSettings data_settings = sweep.fixed;
  data_settings.test_data = kNoTestData;
  data_settings.threads = 0;
  const RunData data =
      load_run_data(data_settings, [&](const std::string& line) { reporter.say(line); });
  check_trials(plan, data);
  open_directory(plan.directory, sweep);
  reporter.say(fmt::format("sweep {}: {} trials, {} at a time", plan.directory.string(),
                           plan.trials.size(), jobs));
  watch_stop_signals();
  const bool over = run_sweep(plan, data, jobs, reporter);
  reporter.clear();
  if (!over) {
    write_results(plan.directory, sweep);
    throw Error(ExitCode::kInterrupted,
                fmt::format("interrupted after {} of {} trials; the same command goes on{}",
                            reporter.progress().done, reporter.progress().trials,
                            options.out.empty()
                                ? fmt::format(" in {}", shell_quoted(plan.directory.string()))
                                : ""));
  }
  tell_results(options, plan.directory, sweep);
}

}  // namespace

Command add_sweep_command(CLI::App& program) {
  CLI::App* app = program.add_subcommand("sweep", "search hyperparameters");
  const auto options = std::make_shared<SweepOptions>();
  add_sweep_flags(*app, options->flags);
  FlagAdder add(*app);
  add.group("Output");
  add.directory("out", options->out, "the sweep's directory [sweeps/ and a name for the space]");
  add.number("jobs", options->jobs, "trials at a time; 0 is one per core");
  add.text("shard", "I/N", options->shard,
           "train the I-th of N parts of the trials [that of the task in a Slurm job array]");
  add.directory("collect", options->collect, "gather the results in this directory of a sweep")
      ->configurable(false);
  add.on_switch("print-commands", options->print_commands,
                "print a mnist train command per trial instead, for other engines");
  add.on_switch("tensorboard", options->tensorboard,
                "record each run for TensorBoard as well, in its directory");
  add.on_switch("json", options->json, "print the result as one JSON object");
  add.on_switch("quiet", options->quiet, "say nothing on standard error but errors");
  CLI::Option* minutes = app->get_option("--minutes");
  for (const char* other : {"--config", "--preset", "--grid", "--sample", "--method", "--trials",
                            "--seeds", "--reduction", "--steps", "--epochs", "--shard",
                            "--print-commands", "--collect", "--tensorboard"}) {
    minutes->excludes(other);
  }
  return {app, [app, options] { run_sweep_command(*app, *options); }};
}

}  // namespace mnist
