// mnist evaluate: measures saved networks on labelled data.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "base/csv_field.h"
#include "base/error.h"
#include "base/thread_pool.h"
#include "cli/command.h"
#include "cli/data_paths.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "commands/inputs.h"
#include "commands/model_data.h"
#include "report/committee.h"
#include "report/metrics.h"

namespace mnist {
namespace {

constexpr const char* kViewsGroup = "Views";
constexpr std::size_t kMostViews = 10'000;

// The defaults for views: affine and elastic distortion, a third as strong as in training.
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

struct EvaluateOptions {
  std::vector<std::string> weights;
  std::filesystem::path data;
  DataFlags flags;
  std::filesystem::path mistakes;
  std::string layers;
  std::size_t views = 0;
  TrainSettings view_settings = default_views();  // only seed and distortion are used
  std::size_t threads = 0;
  bool json = false;
};

// Loads all networks. Throws Error(kBadInput) unless they fit the same data.
std::vector<Network> load_networks(const EvaluateOptions& options) {
  std::vector<Network> networks;
  for (const std::string& weights : options.weights) {
    if (!networks.empty() && std::filesystem::is_regular_file(weights) &&
        !is_weights_file(weights)) {
      throw bad_input(weights,
                      fmt::format("no weights (safetensors); data is named by --data {}", weights));
    }
    networks.push_back(load_network(weights, options.layers, options.flags));
    const Network& first = networks.front();
    const Network& last = networks.back();
    if (last.inputs() != first.inputs() || last.outputs() != first.outputs() ||
        last.class_names() != first.class_names() || !last.input().prepares_as(first.input())) {
      throw bad_input(weights,
                      fmt::format("of {} features and {} classes, {} of {} and {} or of other "
                                  "class names or scales; a committee's networks fit the same data",
                                  last.inputs(), last.outputs(), options.weights.front(),
                                  first.inputs(), first.outputs()));
    }
  }
  return networks;
}

// Writes the rows that the network, or the committee, labels wrong.
void write_mistakes(const std::filesystem::path& path, std::span<const Network> networks,
                    const Dataset& data, ThreadPool& pool) {
  const Network& first = networks.front();
  const std::size_t classes = first.outputs();
  AlignedVector<float> sums(data.rows() * classes);
  for (const Network& network : networks) {
    const AlignedVector<float> probabilities = predict(network, data, pool);
    std::ranges::transform(sums, probabilities, sums.begin(), std::plus<>());
  }
  std::string text = "index,label,prediction,probability";
  if (!data.ids.empty()) text += "," + csv_field(data.id_name);
  text += "\n";
  for (std::size_t r = 0; r < data.rows(); ++r) {
    const std::span<const float> row(sums.data() + r * classes, classes);
    const std::size_t guess = most_probable(row);
    const auto label = static_cast<std::size_t>(data.labels[r]);
    if (guess == label) continue;
    text += fmt::format("{},{},{},{}", r, csv_field(first.label_name(label)),
                        csv_field(first.label_name(guess)),
                        row[guess] / static_cast<float>(networks.size()));
    if (!data.ids.empty()) text += "," + csv_field(data.ids[r]);
    text += "\n";
  }
  write_file_atomically(path, text);
}

void run(EvaluateOptions& options) {
  if (options.weights.empty()) {
    if (options.data.empty()) {
      refuse("give WEIGHTS_OR_RUN, or data by --data");
    }
    options.weights = {default_network().string()};
    tell(fmt::format("the network {}, which comes with the program", kDefaultNetwork));
  }
  if (options.views > kMostViews) {
    refuse(fmt::format("{} views; at most {} can be asked for", options.views, kMostViews));
  }
  const std::vector<Network> networks = load_networks(options);
  const Network& first = networks.front();
  ThreadPool pool(options.threads);
  if (options.data.empty()) options.data = test_data_of(options.weights.front(), options.flags);
  std::vector<std::filesystem::path> inputs{find_data_file(options.data), options.flags.labels};
  for (const std::string& weights : options.weights) inputs.push_back(weights_file(weights));
  check_output(options.mistakes, inputs);
  const Dataset data = load_for(first, options.data, options.flags, options.threads);
  const TrainSettings& settings = options.view_settings;
  const Views views{options.views, settings.augment, settings.seed};
  const CommitteeMetrics metrics = evaluate_committee(networks, data, views, pool);
  if (!options.mistakes.empty()) write_mistakes(options.mistakes, networks, data, pool);
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
  const auto options = std::make_shared<EvaluateOptions>();
  app->add_option("WEIGHTS_OR_RUN", options->weights,
                  fmt::format("{}; several make a committee, whose probabilities are averaged; "
                              "left out, with --data, it is {}",
                              network_help(), kDefaultNetwork))
      ->type_name("");
  FlagAdder add(*app);
  add.file("data", options->data,
           "labelled images, as train takes them [what the run was tested on]");
  add_data_flags(add, options->flags);
  add.file("mistakes", options->mistakes, "write the rows that were labelled wrong, as CSV");
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
