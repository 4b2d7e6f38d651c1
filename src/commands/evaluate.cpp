// mnist evaluate: measures saved networks on labelled data.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/thread_pool.h"
#include "cli/command.h"
#include "cli/data_paths.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "commands/inputs.h"
#include "data/data_file.h"
#include "model_io/model_file.h"
#include "report/committee.h"

namespace mnist {
namespace {

constexpr const char* kViewsGroup = "Views";

// Where views are asked for, they are full distortion, a third as strong as that of training.
TrainSettings default_views() {
  TrainSettings settings;
  AugmentSettings& distortion = settings.augment;
  distortion.kind = AugmentKind::kFull;
  distortion.rotate /= 3;
  distortion.scale /= 3;
  distortion.shear /= 3;
  distortion.shift /= 3;
  distortion.elastic_alpha /= 3;
  return settings;
}

struct Options {
  std::vector<std::string> weights;
  std::filesystem::path data = kDefaultTestData;
  std::string layers;
  std::size_t views = 0;
  TrainSettings view_settings = default_views();  // their seed and distortion
  std::size_t threads = 0;
  bool json = false;
};

// Throws Error(kBadInput) unless the networks can look at the same data.
std::vector<Network> load_networks(const Options& options) {
  std::vector<Network> networks;
  for (const std::string& weights : options.weights) {
    if (!networks.empty() && std::filesystem::is_regular_file(weights) &&
        !is_weights_file(weights)) {
      throw Error(ExitCode::kBadInput,
                  fmt::format("{}: no weights (safetensors); data is named by --data {}", weights,
                              weights));
    }
    networks.push_back(load_model(weights_file(weights), options.layers));
    const Network& first = networks.front();
    const Network& last = networks.back();
    if (last.inputs() != first.inputs() || last.outputs() != first.outputs() ||
        last.class_names() != first.class_names()) {
      throw Error(
          ExitCode::kBadInput,
          fmt::format("{}: of {} features and {} classes, {} of {} and {} or of other class "
                      "names; a committee's networks fit the same data",
                      weights, last.inputs(), last.outputs(), options.weights.front(),
                      first.inputs(), first.outputs()));
    }
  }
  return networks;
}

void run(const Options& options) {
  const std::vector<Network> networks = load_networks(options);
  const Network& first = networks.front();
  ThreadPool pool(options.threads);
  const DataFileOptions form{.features = first.inputs(), .classes = first.outputs()};
  const Dataset data = load_data_file(data_file(options.data), form, options.threads);
  const TrainSettings& settings = options.view_settings;
  const Views views{options.views, settings.augment, settings.seed};
  const CommitteeMetrics metrics = evaluate_committee(networks, data, views, pool);
  if (options.json) {
    write_json(to_json(metrics, options.weights));
  } else {
    write_output(to_table(metrics, options.weights));
  }
}

}  // namespace

Command add_evaluate_command(CLI::App& program) {
  CLI::App* app = program.add_subcommand(
      "evaluate", "measure a saved network, or a committee of several, on labelled data");
  const auto options = std::make_shared<Options>();
  app->add_option("WEIGHTS_OR_RUN", options->weights,
                  "safetensors file or run directory; several make a committee, whose "
                  "probabilities are averaged")
      ->type_name("")
      ->required();
  FlagAdder add(*app);
  add.file("data", options->data, "labelled images: CSV or IDX, plain, gz, zst, xz or zip");
  add.text("layers", "LIST", options->layers,
           "the stack of a file that does not name it, such as one that PyTorch wrote");
  add.number("threads", options->threads, "number of threads, 0 is one per core");
  add.on_switch("json", options->json, "print one JSON object");

  add.group(kViewsGroup);
  CLI::Option* views =
      add.number("views", options->views,
                 "look at so many distorted views of each image as well and average; 0 is none");
  add.number("seed", options->view_settings.seed, "the same seed gives the same views");
  add_distortion_flags(add, options->view_settings);
  for (CLI::Option* option : app->get_options()) {
    if (option->get_group() == kViewsGroup && option != views) option->needs(views);
  }
  return {app, [options] { run(*options); }};
}

}  // namespace mnist
