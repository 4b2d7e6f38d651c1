// mnist export: writes a saved network in a form that other programs read.
#include "model_io/export.h"

#include <filesystem>
#include <memory>
#include <string>

#include "cli/command.h"
#include "cli/flags.h"
#include "commands/inputs.h"
#include "model_io/model_file.h"

namespace mnist {
namespace {

struct Options {
  std::string weights;
  std::filesystem::path output;
  std::string layers;
};

void run(const Options& options) {
  export_format(options.output);  // a mistake in its ending shows before anything is read
  export_model(options.output, load_model(weights_file(options.weights), options.layers));
}

}  // namespace

Command add_export_command(CLI::App& program) {
  CLI::App* app = program.add_subcommand("export", "write a saved network for other programs");
  const auto options = std::make_shared<Options>();
  app->add_option("WEIGHTS_OR_RUN", options->weights, "safetensors file or run directory")
      ->type_name("")
      ->required();
  app->add_option(
         "-o,--output", options->output,
         "the file to write: .safetensors (PyTorch), .npz (NumPy), .onnx (ONNX runtimes) or "
         ".h (C99)")
      ->type_name("FILE")
      ->required()
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  FlagAdder add(*app);
  add.text("layers", "LIST", options->layers,
           "the stack of a file that does not name it, such as one that PyTorch wrote");
  return {app, [options] { run(*options); }};
}

}  // namespace mnist
