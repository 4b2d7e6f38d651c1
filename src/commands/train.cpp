// mnist train: trains a network and writes a run directory.
#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include "base/error.h"
#include "base/thread_pool.h"
#include "commands/command.h"
#include "commands/config_file.h"
#include "commands/flags.h"
#include "commands/inputs.h"
#include "commands/output.h"
#include "commands/run_reporter.h"
#include "commands/run_summary.h"
#include "commands/train_flags.h"
#include "data/data_file.h"
#include "data/split.h"
#include "model_io/model_file.h"
#include "report/metrics.h"
#include "train/run_directory.h"
#include "train/trainer.h"

namespace mnist {
namespace {

constexpr const char* kOutputGroup = "Output";

struct Options {
  ConfigFlags config;
  TrainSettings settings;
  std::filesystem::path out;
  bool overwrite = false;
  bool json = false;
  bool quiet = false;
};

struct LoadedData {
  Split split;
  Dataset test;  // no rows: no final test
  double seconds = 0;
};

LoadedData load_data(const TrainSettings& settings, RunReporter& reporter) {
  const auto start = std::chrono::steady_clock::now();
  LoadedData loaded;
  const std::filesystem::path train_file = data_file(settings.train_data);
  Dataset train = load_data_file(train_file, {}, settings.threads);
  reporter.say(fmt::format("{}: {} rows of {} features, {} classes", train_file.string(),
                           train.rows(), train.features, train.classes));
  if (!settings.test_data.empty()) {
    const std::filesystem::path test_file = data_file(settings.test_data);
    const DataFileOptions form{.features = train.features, .classes = train.classes};
    loaded.test = load_data_file(test_file, form, settings.threads);
    reporter.say(fmt::format("{}: {} rows", test_file.string(), loaded.test.rows()));
  }
  loaded.split = split_dataset(std::move(train), settings.validation, settings.seed);
  loaded.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return loaded;
}

RunResult train_and_test(const TrainSettings& settings, RunDirectory& run, RunReporter& reporter) {
  const LoadedData data = load_data(settings, reporter);
  const Dataset& training = data.split.training;
  Network network = make_network(settings, training.features, training.classes);
  ThreadPool pool(settings.threads);
  const std::size_t steps = total_steps(settings, training.rows());
  reporter.say(fmt::format("network {}, {} parameters; {} steps on {} threads",
                           to_string(network.layers()), network.parameter_count(), steps,
                           pool.size()));
  reporter.begin(steps);
  const TrainOutcome outcome =
      train(network, settings, training, data.split.validation, pool, reporter);
  reporter.end();
  save_model(run.weights_path(), network);

  RunResult result;
  result.run = run.path().string();
  result.layers = to_string(network.layers());
  result.parameters = network.parameter_count();
  result.seed = settings.seed;
  result.threads = pool.size();
  result.steps = outcome.steps;
  result.epochs = outcome.epochs;
  result.load_seconds = data.seconds;
  result.train_seconds = outcome.train_seconds;
  result.samples_per_second = outcome.samples_per_second;
  result.train_loss = outcome.train_loss;
  result.validation_accuracy = outcome.validation_accuracy;
  if (data.test.rows() > 0) {
    const Metrics test = evaluate(network, data.test, pool);
    result.test_accuracy = test.accuracy;
    result.test_error = test.error;
    result.test_loss = test.loss;
  }
  run.finish(result);
  return result;
}

// Trains inside a run directory; a failure is noted in its log.
RunResult train_in(RunDirectory& run, const TrainSettings& settings, bool quiet) {
  RunReporter reporter(run, settings, quiet);
  try {
    reporter.say(fmt::format("run {}", run.path().string()));
    return train_and_test(settings, run, reporter);
  } catch (const std::exception& error) {
    reporter.note_failure(error.what());
    throw;
  }
}

// Whether the command line itself holds a setting of the run.
bool gives_settings(const CLI::App& app) {
  const auto is_given_setting = [](const CLI::Option* option) {
    return option->count() > 0 && option->get_configurable() && option->get_group() != kOutputGroup;
  };
  return !app.get_options(is_given_setting).empty();
}

// Calls `work`. Settings that make no sense are wrong usage, but where all of them come from
// `file`, that file is bad.
template <class Work>
auto blaming(const std::optional<std::filesystem::path>& file, Work&& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (!file || error.code() != ExitCode::kUsage) throw;
    throw Error(ExitCode::kBadInput, fmt::format("{}: {}", file->string(), error.what()));
  }
}

// Whether a run written to `out` would replace the one that it starts from.
bool replaces_its_start(const Options& options) {
  std::error_code ignored;
  return options.overwrite && !options.out.empty() && !options.settings.init_weights.empty() &&
         std::filesystem::equivalent(options.settings.init_weights.parent_path(), options.out,
                                     ignored);
}

void run_train(CLI::App& app, Options& options) {
  TrainSettings& settings = options.settings;
  auto blamed = config_path(options.config);
  if (blamed) {
    const bool all_from_file = !gives_settings(app);
    apply_config_file(app, *blamed, dependent_train_keys());
    if (!all_from_file) blamed.reset();
  }
  const std::string config = blaming(blamed, [&] {
    complete_settings(settings);
    return settings_toml(settings);
  });
  if (!settings.init_weights.empty()) settings.init_weights = weights_file(settings.init_weights);
  if (replaces_its_start(options)) {
    throw Error(ExitCode::kUsage,
                "--init-weights lies in the run that --overwrite replaces; choose another --out");
  }

  RunDirectory run(options.out, options.overwrite);
  run.write_config(config);
  RunResult result;
  try {
    result = blaming(blamed, [&] { return train_in(run, settings, options.quiet); });
  } catch (const Error& error) {
    if (!run.started() || !run.previous()) throw;
    throw Error(error.code(), fmt::format("{}; the run that this one was to replace is in {}",
                                          error.what(), run.previous()->string()));
  }
  if (options.json) {
    write_json(to_json(result));
  } else {
    write_output(run_summary(to_json(result)));
  }
}

}  // namespace

Command add_train_command(CLI::App& program) {
  CLI::App* app = program.add_subcommand("train", "train a network, write a run directory");
  const auto options = std::make_shared<Options>();
  add_config_flags(*app, options->config);
  add_train_flags(*app, options->settings);
  FlagAdder add(*app);
  add.group(kOutputGroup);
  add.directory("out", options->out, "run directory [runs/ and the UTC time]");
  add.on_switch("overwrite", options->overwrite, "replace the run that --out holds");
  add.on_switch("json", options->json, "print the result as one JSON object");
  add.on_switch("quiet", options->quiet, "say nothing on standard error but errors");
  return {app, [app, options] { run_train(*app, *options); }};
}

}  // namespace mnist
