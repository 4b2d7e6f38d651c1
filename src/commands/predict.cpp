// mnist predict: labels images with a saved network. Reads and writes block by block, so that a
// file of any size takes constant memory.
#include <fmt/format.h>

#include <filesystem>
#include <iterator>
#include <memory>
#include <span>
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

constexpr std::size_t kBlockRows = 4096;

struct Options {
  std::string weights;
  std::string data = kDefaultTestData;
  bool probabilities = false;
  std::string layers;
  std::size_t threads = 0;
};

std::string header(bool names, bool probabilities, std::size_t classes) {
  std::string line = "index,prediction,probability";
  if (names) line += ",name";
  for (std::size_t c = 0; probabilities && c < classes; ++c) line += fmt::format(",p{}", c);
  return line + "\n";
}

void run(const Options& options) {
  const Network network = load_model(weights_file(options.weights), options.layers);
  const std::size_t classes = network.outputs();
  ThreadPool pool(options.threads);
  DataFileOptions form;
  form.features = network.inputs();
  form.require_labels = false;
  const auto reader = open_data_file(data_file(options.data), form);

  Dataset block;
  std::size_t index = 0;
  const bool names = !network.class_names().empty();
  std::string lines = header(names, options.probabilities, classes);
  while (reader->next(block, kBlockRows)) {
    const AlignedVector<float> all = predict(network, block, pool);
    const auto out = std::back_inserter(lines);
    for (std::size_t r = 0; r < block.rows(); ++r) {
      const std::span<const float> row(all.data() + r * classes, classes);
      const std::size_t guess = most_probable(row);
      fmt::format_to(out, "{},{},{}", index++, guess, row[guess]);
      if (names) lines += "," + csv_field(network.class_names()[guess]);
      for (std::size_t c = 0; options.probabilities && c < classes; ++c) {
        fmt::format_to(out, ",{}", row[c]);
      }
      lines += '\n';
    }
    write_output(lines);
    lines.clear();
  }
  write_output(lines);
}

}  // namespace

Command add_predict_command(CLI::App& program) {
  CLI::App* app = program.add_subcommand("predict", "label images with a saved network, as CSV");
  const auto options = std::make_shared<Options>();
  app->add_option("WEIGHTS_OR_RUN", options->weights, "safetensors file or run directory")
      ->type_name("")
      ->required();
  app->add_option("FILE", options->data,
                  fmt::format("images with or without a label column, '-' for standard input [{}]",
                              kDefaultTestData))
      ->type_name("");
  FlagAdder add(*app);
  add.on_switch("probabilities", options->probabilities,
                "add the columns p0, p1, ... with the probability of each class");
  add.text("layers", "LIST", options->layers,
           "the stack of a file that does not name it, such as one that PyTorch wrote");
  add.number("threads", options->threads, "0 is one per core");
  return {app, [options] { run(*options); }};
}

}  // namespace mnist
