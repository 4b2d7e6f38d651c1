// mnist evaluate: measures a saved network on labelled data.
#include <filesystem>
#include <memory>
#include <string>

#include "base/thread_pool.h"
#include "commands/command.h"
#include "commands/data_paths.h"
#include "commands/flags.h"
#include "commands/inputs.h"
#include "commands/output.h"
#include "data/data_file.h"
#include "model_io/model_file.h"
#include "report/metrics.h"

namespace mnist {
namespace {

struct Options {
  std::string weights;
  std::filesystem::path data = kDefaultTestData;
  std::string layers;
  std::size_t threads = 0;
  bool json = false;
};

void run(const Options& options) {
  const Network network = load_model(weights_file(options.weights), options.layers);
  ThreadPool pool(options.threads);
  const DataFileOptions form{.features = network.inputs(), .classes = network.outputs()};
  const Dataset data = load_data_file(data_file(options.data), form, options.threads);
  const Metrics metrics = evaluate(network, data, pool);
  if (options.json) {
    write_json(to_json(metrics));
  } else {
    write_output(to_table(metrics));
  }
}

}  // namespace

Command add_evaluate_command(CLI::App& program) {
  CLI::App* app = program.add_subcommand("evaluate", "measure a saved network on labelled data");
  const auto options = std::make_shared<Options>();
  app->add_option("WEIGHTS_OR_RUN", options->weights, "safetensors file or run directory")
      ->type_name("")
      ->required();
  FlagAdder add(*app);
  add.file("data", options->data, "labelled images: CSV or IDX, plain, gz, zst, xz or zip");
  add.text("layers", "LIST", options->layers,
           "the stack of a file that does not name it, such as one that PyTorch wrote");
  add.number("threads", options->threads, "0 is one per core");
  add.on_switch("json", options->json, "print one JSON object");
  return {app, [options] { run(*options); }};
}

}  // namespace mnist
