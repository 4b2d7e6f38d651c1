// mnist show: describes a data file, a weights file or a run; or draws a data file's images with
// augmentation.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "cli/command.h"
#include "cli/data_paths.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "commands/inputs.h"
#include "commands/model_data.h"
#include "commands/run_data.h"
#include "commands/run_summary.h"
#include "data/archive.h"
#include "data/data_file.h"
#include "data/model_input.h"
#include "model_io/safetensors.h"
#include "nn/layer_kinds.h"
#include "report/augmentation_sheet.h"
#include "report/metrics.h"
#include "train/config_file.h"
#include "train/run_directory.h"
#include "train/shared_run.h"

namespace mnist {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kAugmentationGroup = "Augmentation";

struct ShowOptions {
  std::string path;
  bool json = false;
  DataFlags flags;
  TrainSettings settings;  // only seed and augmentation are used
  std::filesystem::path picture;
};

DataFileOptions data_form(const DataFlags& flags) {
  DataFileOptions form = data_options(flags.settings);
  form.labels = flags.labels;
  form.require_labels = false;
  return form;
}

Json describe_data(const std::filesystem::path& path, const DataFlags& flags) {
  const Dataset data = load_data_file(path, data_form(flags));
  const auto zeros = std::ranges::count(data.pixels, 0) + std::ranges::count(data.values, 0.0F);
  const TrainSettings& asked = flags.settings;
  const InputScale scale = scale_for(parse_scale(asked.input_scale), data);
  Json labels = Json::array();
  for (std::size_t c = 0; c < data.classes; ++c) labels.push_back(label_json(data.label_name(c)));
  return {{"kind", "data"},
          {"path", path.string()},
          {"rows", data.rows()},
          {"features", data.features()},
          {"classes", data.classes},
          {"label_counts", data.class_rows()},
          {"labels", std::move(labels)},
          {"zero_share",
           static_cast<double>(zeros) / static_cast<double>(data.rows() * data.features())},
          {"shape", to_string(data.shape)},
          {"lowest", data.summary.lowest},
          {"highest", data.summary.highest},
          {"input",
           {{"scale", to_string(scale)}, {"invert", asked.invert}, {"transpose", asked.transpose}}},
          {"reading", data.reading}};
}

std::size_t element_count(const Tensor& tensor) {
  return std::accumulate(tensor.shape.begin(), tensor.shape.end(), std::size_t{1},
                         std::multiplies<>());
}

// Whether a tensor is a running statistic, which is not trained.
bool is_tracked(const std::string& name) { return name.find(".running_") != std::string::npos; }

// Adds the layers, if the file names them: for each its output shape, its number of parameters, and
// its multiply-adds per image.
void add_stack(Json& what, const SafetensorsFile& file) {
  const auto layers = file.metadata.find("layers");
  if (layers == file.metadata.end()) return;
  LayerList list;
  try {
    list = parse_layer_list(layers->second);
  } catch (const Error&) {
    return;  // another program may use the key "layers" for something else
  }
  const std::vector<Shape> shapes = list.shapes();
  Json& stack = what["stack"] = Json::array();
  for (std::size_t i = 0; i < list.layers.size(); ++i) {
    const std::string name = list.layer_name(i) + ".";
    const Shape& output = shapes[i + 1];
    const std::size_t places = output.height * output.width;
    std::size_t parameters = 0;
    std::size_t multiply_adds = 0;
    for (const Tensor& tensor : file.tensors) {
      if (!tensor.name.starts_with(name) || is_tracked(tensor.name)) continue;
      parameters += element_count(tensor);
      if (layer_kind(list.layers[i].kind).multiplies && tensor.name == name + "weight") {
        multiply_adds = element_count(tensor) * places;
      }
    }
    stack.push_back(
        {{"layer", to_string(list.layers[i])},
         {"shape", places == 1 ? fmt::format("{}", output.channels) : to_string(output)},
         {"parameters", parameters},
         {"multiply_adds", multiply_adds}});
  }
}

Json describe_weights(const std::filesystem::path& path) {
  const SafetensorsFile file = read_safetensors(path);
  Json tensors = Json::array();
  std::size_t parameters = 0;
  for (const Tensor& tensor : file.tensors) {
    if (!is_tracked(tensor.name)) parameters += element_count(tensor);
    tensors.push_back({{"name", tensor.name}, {"dtype", tensor.dtype}, {"shape", tensor.shape}});
  }
  const auto layers = file.metadata.find("layers");
  Json what{{"kind", "weights"},
            {"path", path.string()},
            {"layers", layers == file.metadata.end() ? Json(nullptr) : Json(layers->second)},
            {"parameters", parameters},
            {"tensors", std::move(tensors)}};
  add_stack(what, file);
  if (const auto settings = settings_of_network(path)) what["settings"] = settings_json(*settings);
  return what;
}

Json result_of(const std::filesystem::path& run) {
  const std::filesystem::path file = run / run_files::kResult;
  return std::filesystem::exists(file) ? read_result(file) : Json(nullptr);
}

// Whether a directory contains IDX files, or subdirectories, which may be classes of pictures.
bool is_folder_of_data(const std::filesystem::path& path) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(path, ignored)) {
    if (entry.is_directory(ignored)) return true;
  }
  return is_idx_folder(path);
}

Json describe_run(const std::filesystem::path& path) {
  if (!holds_run(path)) {
    throw bad_input(path.string(), "a directory that holds no run");
  }
  Json what{{"kind", "run"},
            {"path", path.string()},
            {"result", result_of(path)},
            {"settings", settings_json(read_settings(path / run_files::kConfig))}};
  const std::filesystem::path weights = path / run_files::kWeights;
  std::error_code ignored;
  if (std::filesystem::exists(weights, ignored)) add_stack(what, read_safetensors(weights));
  return what;
}

Json describe(const std::filesystem::path& path, const DataFlags& flags) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored) &&
      (holds_run(path) || !is_folder_of_data(path))) {
    return describe_run(path);
  }
  if (is_weights_file(path)) return describe_weights(path);
  if (!std::filesystem::exists(std::filesystem::symlink_status(path, ignored))) {
    if (const auto network = find_network(path.string())) return describe_weights(*network);
  }
  return describe_data(data_file(path), flags);
}

std::string line(const std::string& name, const std::string& value) {
  return fmt::format("{:<20} {}\n", name, value);
}

// How a network that trains on the data would prepare them.
std::string input_text(const Json& input) {
  std::string text = cell_text(input["scale"]);
  for (const char* step : {"transpose", "invert"}) {
    if (input[step].get<bool>()) text += fmt::format(", {}", step);
  }
  return text;
}

std::string data_table(const Json& data) {
  std::string text =
      line("read as", cell_text(data["reading"])) + line("rows", cell_text(data["rows"])) +
      line("shape", cell_text(data["shape"])) +
      line("values",
           fmt::format("{} to {}", data["lowest"].get<float>(), data["highest"].get<float>())) +
      line("input of a network", input_text(data["input"])) +
      line("features", cell_text(data["features"])) + line("classes", cell_text(data["classes"])) +
      line("zeros", fmt::format("{:.2f} % of all values", 100 * data["zero_share"].get<double>()));
  const Json& counts = data["label_counts"];
  if (counts.empty()) return text + line("labels", "none");
  text += "\nlabel      rows\n";
  for (std::size_t c = 0; c < counts.size(); ++c) {
    text += fmt::format("{:>5}  {:>8}\n", cell_text(data["labels"][c]), cell_text(counts[c]));
  }
  return text;
}

std::string settings_table(const Json& settings) {
  std::string text = "\nsettings\n";
  for (const auto& [key, value] : settings.items()) text += line(key, cell_text(value));
  return text;
}

std::string stack_table(const Json& what) {
  if (!what.contains("stack")) return {};
  std::string text = fmt::format("\n{:<16} {:>12} {:>12} {:>14}\n", "layer", "output", "parameters",
                                 "multiply-adds");
  for (const Json& layer : what["stack"]) {
    text += fmt::format("{:<16} {:>12} {:>12} {:>14}\n", cell_text(layer["layer"]),
                        cell_text(layer["shape"]), cell_text(layer["parameters"]),
                        cell_text(layer["multiply_adds"]));
  }
  return text;
}

std::string weights_table(const Json& weights) {
  std::string text =
      line("layers", weights["layers"].is_null() ? "not told" : cell_text(weights["layers"])) +
      line("parameters", cell_text(weights["parameters"])) + stack_table(weights);
  text += fmt::format("\n{:<20} {:<6} {}\n", "tensor", "type", "shape");
  for (const Json& tensor : weights["tensors"]) {
    text += fmt::format("{:<20} {:<6} {}\n", cell_text(tensor["name"]), cell_text(tensor["dtype"]),
                        fmt::join(tensor["shape"].get<std::vector<std::size_t>>(), " x "));
  }
  return weights.contains("settings") ? text + settings_table(weights["settings"]) : text;
}

std::string run_table(const Json& run) {
  const std::string text = run["result"].is_null() ? line("result", "none; the run did not finish")
                                                   : run_summary(run["result"]);
  return text + stack_table(run) + settings_table(run["settings"]);
}

void draw(const ShowOptions& options) {
  if (options.settings.augment.kind == AugmentKind::kNone) {
    refuse("there is nothing to draw; choose --augment affine, elastic or full");
  }
  const std::filesystem::path file = data_file(options.path);
  check_output(options.picture, {file});
  Dataset data = load_data_file(file, data_form(options.flags));
  if (options.flags.settings.transpose) transpose_images(data);
  if (options.flags.settings.invert) invert_values(data, data.summary.highest);
  draw_augmentation(options.picture, data, options.settings.augment, options.settings.seed);
}

void run(const ShowOptions& options) {
  if (!options.picture.empty()) return draw(options);
  const Json what = describe(options.path, options.flags);
  if (options.json) return write_json(what);
  const std::string kind = cell_text(what["kind"]);
  write_output(fmt::format("{}: {}\n\n{}", cell_text(what["path"]), kind,
                           kind == "data"      ? data_table(what)
                           : kind == "weights" ? weights_table(what)
                                               : run_table(what)));
}

}  // namespace

Command add_show_command(CLI::App& program) {
  CLI::App* app = program.add_subcommand("show", "describe a data file, a weights file or a run");
  const auto options = std::make_shared<ShowOptions>();
  app->add_option("PATH", options->path, "data file, or " + network_help())
      ->type_name("")
      ->required();
  FlagAdder add(*app);
  add_data_flags(add, options->flags);
  CLI::Option* json = add.on_switch("json", options->json, "print one JSON object");
  add.group(kAugmentationGroup);
  CLI::Option* picture = add.output(options->picture,
                                    "draw a grid of a data file's images, each beside what "
                                    "training makes of it in nine epochs, as a PNG file")
                             ->excludes(json);
  add.number("seed", options->settings.seed, "the seed of training");
  add_distortion_flags(add, options->settings);
  for (CLI::Option* option : app->get_options()) {
    if (option->get_group() == kAugmentationGroup && option != picture) option->needs(picture);
  }
  picture->needs(app->get_option("--augment"));
  return {app, [options] { run(*options); }};
}

}  // namespace mnist
