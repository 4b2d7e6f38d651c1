// mnist train: trains a network and writes a run directory.
#include <fmt/format.h>

#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "base/thread_pool.h"
#include "cli/command.h"
#include "cli/config_file.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "commands/inputs.h"
#include "commands/run_data.h"
#include "commands/run_plot.h"
#include "commands/run_reporter.h"
#include "commands/run_summary.h"
#include "report/gnuplot.h"
#include "train/run_directory.h"
#include "train/run_training.h"
#include "train/shared_run.h"

namespace mnist {
namespace {

constexpr const char* kOutputGroup = "Output";

struct TrainOptions {
  ConfigFlags config;
  TrainSettings settings;
  std::filesystem::path out;
  std::filesystem::path resume;
  bool overwrite = false;
  bool shared = false;
  std::optional<std::size_t> report_every;
  bool plot = false;
  bool tensorboard = false;
  bool json = false;
  bool quiet = false;
};

// Trains in a run directory, and writes a failure to its log.
RunResult train_in(RunDirectory& run, const TrainOptions& options) {
  const TrainSettings& settings = options.settings;
  if (options.tensorboard) run.record_events();
  RunReporter reporter(run, settings, options.quiet, options.report_every.value_or(0));
  try {
    reporter.say(fmt::format("run {}", run.path().string()));
    const RunData data =
        load_run_data(settings, [&](const std::string& line) { reporter.say(line); });
    if (!has_test(settings)) reporter.say("no test data; --test-data names some");
    ThreadPool pool(settings.threads);
    const std::optional<RunResult> result = run_training(run, settings, data, pool, reporter);
    if (!result) {
      const std::string remedy =
          options.shared ? "the same command"
                         : fmt::format("--resume {}", shell_quoted(run.path().string()));
      const std::string where = fmt::format("interrupted after step {} of {}; go on with {}",
                                            reporter.step(), reporter.steps(), remedy);
      if (!reporter.output_failure()) throw Error(ExitCode::kInterrupted, where);
      throw Error(ExitCode::kFailure, fmt::format("{}; {}", *reporter.output_failure(), where));
    }
    reporter.end();
    if (result->steps < reporter.steps()) {
      reporter.say(fmt::format("stopped after step {} of {}: no lower validation loss in {} epochs",
                               result->steps, reporter.steps(), settings.stopping.patience));
    }
    return *result;
  } catch (const std::exception& error) {
    reporter.on_failure(error.what());
    throw;
  }
}

void print_result(const nlohmann::ordered_json& result, const TrainOptions& options) {
  if (options.report_every) {
    write_json(result, JsonForm::kLine);
  } else if (options.json) {
    write_json(result);
  } else {
    write_output(run_summary(result));
  }
}

// Trains, prints the result and, with --plot, draws the picture, also of a collapsed run. The
// result is already saved if drawing fails.
void train_and_tell(RunDirectory& run, const TrainOptions& options) {
  try {
    print_result(to_json(train_in(run, options)), options);
  } catch (const Error& error) {
    if (options.plot && error.code() == ExitCode::kDiverged) write_picture_of_run(run.path());
    throw;
  }
  if (options.plot) write_picture_of_run(run.path());
}

// Whether the command line contains settings of the run other than `but_for`.
bool gives_settings(const CLI::App& app, const std::set<std::string>& but_for = {"threads"}) {
  const auto is_given_setting = [&](const CLI::Option* option) {
    return option->count() > 0 && option->get_configurable() &&
           option->get_group() != kOutputGroup && !but_for.contains(option->get_lnames().front());
  };
  return !app.get_options(is_given_setting).empty();
}

// Calls work(). Invalid settings are a usage error, but if all settings come from `file`, it turns
// that into an error of the file.
template <class Work>
auto blaming(const std::optional<std::filesystem::path>& file, Work&& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (!file || error.code() != ExitCode::kUsage) throw;
    throw bad_input(file->string(), error.what());
  }
}

// Whether the new run would replace the run that it starts from.
bool replaces_its_start(const TrainOptions& options) {
  std::error_code ignored;
  return options.overwrite && !options.out.empty() && !options.settings.init_weights.empty() &&
         std::filesystem::equivalent(options.settings.init_weights.parent_path(), options.out,
                                     ignored);
}

void check_reporting(const TrainOptions& options) {
  if (options.report_every && !validates(options.settings)) {
    refuse("--report-every needs rows to measure on; hold some out with --validation");
  }
}

// Prepares further training of a complete run in another directory; returns the run's settings.
ConfigFile start_from_run(const CLI::App& app, TrainOptions& options) {
  if (gives_settings(app, {"threads", "steps", "epochs"}) ||
      app.count("--steps") + app.count("--epochs") == 0) {
    refuse(
        "--resume with --out trains a complete run further, with its settings; give --steps or "
        "--epochs, and none but --threads beside it");
  }
  const std::filesystem::path& run = options.resume;
  const auto holds = [&](const char* file) { return std::filesystem::exists(run / file); };
  if (!holds(run_files::kResult)) {
    const char* what = holds(run_files::kCollapse) ? "the run collapsed; change its settings"
                       : holds(run_files::kConfig)
                           ? "the run is not complete; without --out, --resume completes it"
                           : "holds no run to train further";
    throw bad_input(run.string(), what);
  }
  options.settings.init_weights = run;
  options.settings.init_optimizer = run;
  return read_config_file(run / run_files::kConfig);
}

// Continues an interrupted run. For a run that has ended, only prints the result.
void run_resume(CLI::App& app, TrainOptions& options) {
  if (gives_settings(app)) {
    refuse(
        "--resume takes all settings from the run; give none but --threads beside it, or --out and "
        "--steps or --epochs to train it further");
  }
  const auto run = RunDirectory::reopen(options.resume);
  if (has_ended(run->path())) {
    print_result(result_of_ended(run->path()), options);
    std::error_code no_matter;
    fs::remove(run->checkpoint_path(), no_matter);  // left by a kill just before the end
    return;
  }
  apply_config_file(app, read_config_file(run->config_path()));
  blaming(run->config_path(), [&] { complete_settings(options.settings); });
  check_reporting(options);
  train_and_tell(*run, options);
}

// --continue: trains the run in --out unless another process has trained it or does so, and prints
// its result.
template <class Train>
void run_shared(const TrainOptions& options, const std::string& config, Train&& train) {
  JoinedRun joined = join_run(options.out, config, IfBusy::kReturn);
  if (joined.state == JoinedRun::State::kBusy) {
    if (!options.quiet) {
      tell(fmt::format("another process is at work on {}; waiting for it", options.out.string()));
    }
    joined = join_run(options.out, config, IfBusy::kWait);
  }
  if (joined.state == JoinedRun::State::kEnded) {
    return print_result(result_of_ended(options.out), options);
  }
  train(*joined.run);
}

std::unique_ptr<RunDirectory> make_run(const TrainOptions& options) {
  if (options.out.empty()) return RunDirectory::create_by_time();
  return options.overwrite ? RunDirectory::replace(options.out) : RunDirectory::create(options.out);
}

void run_train(CLI::App& app, TrainOptions& options) {
  if (options.plot) require_gnuplot();
  if (!options.resume.empty() && options.out.empty()) return run_resume(app, options);
  TrainSettings& settings = options.settings;
  std::optional<std::filesystem::path> blamed;
  if (!options.resume.empty()) {
    apply_config_file(app, start_from_run(app, options), {"init-weights", "init-optimizer"});
  } else if (const auto file = read_given_config(options.config)) {
    if (!gives_settings(app)) blamed = file->path;
    apply_config_file(app, *file);
  }
  const std::string config = blaming(blamed, [&] {
    complete_settings(settings);
    find_start(settings);
    return settings_toml(settings);
  });
  check_reporting(options);
  if (replaces_its_start(options)) {
    refuse(
        "--init-weights or --resume names the run that --overwrite replaces; choose another --out");
  }

  const auto train_blaming = [&](RunDirectory& run) {
    blaming(blamed, [&] { train_and_tell(run, options); });
  };
  if (options.shared) return run_shared(options, config, train_blaming);
  const auto run = make_run(options);
  run->write_config(config);
  try {
    train_blaming(*run);
  } catch (const Error& error) {
    if (!run->previous()) throw;
    throw Error(error.code(), fmt::format("{}; the run that this one was to replace is in {}",
                                          error.what(), run->previous()->string()));
  }
}

}  // namespace

Command add_train_command(CLI::App& program) {
  CLI::App* app = program.add_subcommand("train", "train a network, write a run directory");
  const auto options = std::make_shared<TrainOptions>();
  add_config_flags(*app, options->config);
  options->settings = default_settings();
  add_setting_flags(*app, options->settings);
  FlagAdder add(*app);
  add.group(kOutputGroup);
  add.directory("out", options->out, "run directory [runs/ and the UTC time]");
  add.directory("resume", options->resume,
                "go on with the interrupted run in this directory; with --out and --steps or "
                "--epochs, train a complete one so much further, as a new run")
      ->configurable(false)
      ->excludes("--config")
      ->excludes("--preset");
  CLI::Option* overwrite =
      add.on_switch("overwrite", options->overwrite, "replace the run that --out holds");
  add.on_switch("continue", options->shared,
                "go on with the run of these settings that --out holds; wait where another process "
                "is at work on it, and only tell the result where it is complete")
      ->needs("--out")
      ->excludes(overwrite);
  add.count(
      "report-every", options->report_every,
      "print the validation figures as a line of JSON every N steps, and the result as the last");
  add.on_switch("plot", options->plot, "draw loss.png into the run directory, see mnist plot");
  add.on_switch("tensorboard", options->tensorboard,
                "record for TensorBoard as well, in the run directory");
  add.on_switch("json", options->json, "print the result as one JSON object");
  add.on_switch("quiet", options->quiet, "say nothing on standard error but errors");
  return {app, [app, options] { run_train(*app, *options); }};
}

}  // namespace mnist
