#include "commands/model_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "cli/output.h"
#include "commands/inputs.h"
#include "commands/run_data.h"
#include "data/model_input.h"
#include "model_io/model_file.h"
#include "model_io/safetensors.h"
#include "train/config_file.h"
#include "train/run_files.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 8> kDataSettings{
    "label-column", "id-column",   "ignore-columns", "shape",
    "mnist-form",   "input-scale", "invert",         "transpose"};

}  // namespace

void add_data_flags(FlagAdder& add, DataFlags& flags) {
  for (const Setting& setting : list_settings(flags.settings)) {
    if (std::ranges::find(kDataSettings, setting.name) != kDataSettings.end()) {
      add.setting(setting, flags.settings);
    }
  }
  add.file("labels", flags.labels, "labels that do not lie beside the images under a usual name");
}

Network load_network(const std::string& weights_or_run, const std::string& layers,
                     const DataFlags& flags) {
  Network network = load_model(weights_file(weights_or_run), layers);
  const InputScale asked = parse_scale(flags.settings.input_scale);
  if (asked.kind != ScaleKind::kAuto) {
    if (asked.kind == ScaleKind::kStandard) {
      refuse("input scale 'standard' is found from training data; it is part of the weights");
    }
    ModelInput input = network.input();
    input.scale = asked;
    network.set_input(std::move(input));
  } else if (!network.input().told) {
    tell(
        fmt::format("{}: does not say how its values were scaled; they are divided by 255, or "
                    "--input-scale says how",
                    weights_or_run));
  }
  return network;
}

std::optional<TrainSettings> settings_of_network(const fs::path& weights_or_run) {
  std::error_code ignored;
  TrainSettings settings;
  if (fs::is_directory(weights_or_run, ignored)) {
    const fs::path config = weights_or_run / run_files::kConfig;
    if (!fs::exists(config, ignored)) return std::nullopt;
    settings = read_settings(config);
  } else {
    const fs::path file = weights_file(weights_or_run);
    const SafetensorsFile weights = read_safetensors(file);
    const auto text = weights.metadata.find(kSettingsKey);
    if (text == weights.metadata.end()) return std::nullopt;
    settings = settings_of(parse_config(file, text->second));
  }
  complete_settings(settings);
  return settings;
}

DataFileOptions options_for(const Network& network, const DataFlags& flags) {
  const ModelInput& input = network.input();
  DataFileOptions options = data_options(flags.settings);
  options.features = network.inputs();
  options.known = {network.outputs(), input.labels};
  options.labels = flags.labels;
  options.first_feature = input.first_feature;
  options.feature_names = input.features;
  options.half = Half::kTest;
  options.mnist_form = options.mnist_form || input.pictures == PictureForm::kMnist;
  options.channels = input.shape.channels == 3 ? 3 : 1;
  if (!options.shape && input.pictures == PictureForm::kScaled) options.shape = input.shape;
  return options;
}

void prepare_for(const Network& network, const DataFlags& flags, const std::string& name, bool warn,
                 Dataset& data) {
  if (network.input().shape.size() == data.features()) {
    data.shape = network.input().shape;
    if (network.input().transpose) std::swap(data.shape.height, data.shape.width);
  }
  restore_bytes(data);
  if (flags.settings.invert) {
    invert_values(data, data.has_floats() ? std::max(data.summary.highest, 1.0F) : 255);
    data.summary = {};
  }
  if (flags.settings.transpose) transpose_images(data);
  summarise(data);
  if (warn) {
    const std::string unlike = unlike_training(data.summary, network.input());
    if (!unlike.empty()) tell(fmt::format("warning: {}: {}", name, unlike));
  }
  prepare(data, network.input());
}

Dataset load_for(const Network& network, const fs::path& path, const DataFlags& flags,
                 std::size_t threads) {
  const fs::path file = data_file(path);
  Dataset data = load_data_file(file, options_for(network, flags), threads);
  tell(describe_data_file(file, data));
  prepare_for(network, flags, file.string(), true, data);
  return data;
}

fs::path test_data_of(const fs::path& weights_or_run, DataFlags& flags) {
  const auto settings = settings_of_network(weights_or_run);
  if (!settings) return kDefaultTestData;
  if (!has_test(*settings)) {
    if (settings->train_data == kDefaultTrainData) return kDefaultTestData;
    throw bad_input(weights_or_run.string(),
                    "trained without test data; name data to measure it on");
  }
  const auto take = [](std::string& own, const std::string& of_run) {
    if (own.empty()) own = of_run;
  };
  take(flags.settings.label_column, settings->label_column);
  take(flags.settings.id_column, settings->id_column);
  take(flags.settings.ignore_columns, settings->ignore_columns);
  if (flags.labels.empty()) flags.labels = settings->test_labels;
  return settings->test_data;
}

}  // namespace mnist
