// mnist export: writes a saved network in a format of other programs.
#include "model_io/export.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "base/error.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "commands/inputs.h"
#include "commands/model_data.h"
#include "model_io/model_file.h"
#include "train/config_file.h"

namespace mnist {
namespace {

constexpr std::array<Choice<WeightType>, 3> kWeightTypes{{{"float32", WeightType::kFloat32},
                                                          {"float16", WeightType::kFloat16},
                                                          {"int8", WeightType::kInt8}}};

struct ExportRequest {
  std::string network;
  std::filesystem::path output;
  std::string layers;
  ExportOptions form;
  bool settings = false;
};

void run(ExportRequest& options) {
  export_format(options.output);  // report a wrong file ending before reading anything
  if (options.settings) {
    const auto settings = settings_of_network(options.network);
    if (!settings) {
      refuse(fmt::format("{} does not tell how it was trained; --settings is for a run",
                         options.network));
    }
    options.form.settings = settings_toml(*settings);
  }
  export_model(options.output, load_model(weights_file(options.network), options.layers),
               options.form);
}

}  // namespace

Command add_export_command(CLI::App& program) {
  CLI::App* app = program.add_subcommand("export", "write a saved network for other programs");
  const auto options = std::make_shared<ExportRequest>();
  app->add_option("WEIGHTS_OR_RUN", options->network, network_help())->type_name("")->required();
  FlagAdder add(*app);
  add.output(options->output,
             "the file to write: .safetensors (PyTorch), .npz (NumPy), .onnx (ONNX runtimes) or .h "
             "(C99)")
      ->required();
  add.choice(
      "weights", options->form.weights, std::span<const Choice<WeightType>>(kWeightTypes),
      "how weights are kept: float16 in .safetensors, int8 in .h, with a scale for each output");
  add.on_switch("settings", options->settings,
                "also keep how the network was trained, in the metadata of .safetensors");
  add.text("layers", "LIST", options->layers,
           "the stack of a file that does not name it, such as one that PyTorch wrote");
  return {app, [options] { run(*options); }};
}

}  // namespace mnist
