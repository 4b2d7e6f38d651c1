#include "commands/run_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

#include "base/error.h"
#include "base/split.h"
#include "base/text_fields.h"
#include "commands/inputs.h"
#include "data/data_file.h"
#include "data/split.h"
#include "nn/class_names.h"
#include "train/settings.h"

namespace mnist {
namespace {

// Whether the shape has the form CxHxW.
bool tells_channels(const std::string& shape) { return std::ranges::count(shape, 'x') == 2; }

// Sets the shape of data to that of --shape, if given.
void reshape(Dataset& data, const std::string& shape, const std::string& name) {
  if (shape.empty()) return;
  Shape wanted = parse_shape(shape).value();
  if (!tells_channels(shape)) wanted.channels = data.shape.channels;
  if (wanted.size() != data.features()) {
    refuse(fmt::format("{}: {} features are no {}", name, data.features(), to_string(wanted)));
  }
  data.shape = wanted;
}

// If the labels are words, class names give their order: renumbers the classes. Throws
// Error(kUsage) if the names are not exactly the labels.
void order_by_names(Dataset& data, const std::vector<std::string>& names) {
  const bool words = std::ranges::any_of(
      data.label_names, [](const std::string& label) { return !read_decimal(label); });
  if (names.empty() || !words) return;
  std::vector<std::int32_t> places;
  for (const std::string& label : data.label_names) {
    const auto found = std::ranges::find(names, label);
    if (found == names.end() || names.size() != data.classes) {
      refuse(fmt::format("class names '{}' are no order of the labels, which are '{}'",
                         class_names_text(names), class_names_text(data.label_names)));
    }
    places.push_back(static_cast<std::int32_t>(found - names.begin()));
  }
  for (std::int32_t& label : data.labels) label = places[static_cast<std::size_t>(label)];
  data.label_names = names;
}

PictureForm pictures_of(const TrainSettings& settings, bool folder, const Shape& shape) {
  if (!folder && shape.channels == 3) return PictureForm::kScaled;
  if (!folder || settings.mnist_form) return PictureForm::kMnist;
  return settings.shape.empty() ? PictureForm::kAsIs : PictureForm::kScaled;
}

}  // namespace

DataFileOptions data_options(const TrainSettings& settings) {
  check_data_form(settings);
  DataFileOptions options;
  options.columns = {settings.label_column, settings.id_column, {}};
  if (!settings.ignore_columns.empty()) {
    for (const std::string_view column : split(settings.ignore_columns, ',')) {
      options.columns.ignored.emplace_back(column);
    }
  }
  options.mnist_form = settings.mnist_form;
  if (!settings.shape.empty()) options.shape = parse_shape(settings.shape);
  if (tells_channels(settings.shape)) options.channels = options.shape->channels;
  return options;
}

RunData load_run_data(const TrainSettings& settings,
                      const std::function<void(const std::string&)>& say) {
  const auto start = std::chrono::steady_clock::now();
  const std::filesystem::path train_file = data_file(settings.train_data);
  DataFileOptions form = data_options(settings);
  form.labels = settings.train_labels;
  Dataset train = load_data_file(train_file, form, settings.threads);
  reshape(train, settings.shape, train_file.string());
  order_by_names(train, parse_class_names(settings.class_names));
  say(describe_data_file(train_file, train));
  check_trainable(train, train_file.string());
  if (const std::string odd = odd_label(train); !odd.empty()) {
    say(fmt::format("warning: {}: {}", train_file.string(), odd));
  }
  ModelInput input = model_input_for(train, parse_scale(settings.input_scale), settings.invert,
                                     settings.transpose);
  const bool folder = std::filesystem::is_directory(train_file) && is_container(train_file);
  input.pictures = pictures_of(settings, folder, input.shape);
  form.features = train.features();
  form.channels = train.shape.channels;
  form.first_feature = train.first_feature;
  form.feature_names = train.feature_names;
  form.known = {train.classes, train.label_names};
  prepare(train, input);

  const auto load_more = [&](const std::filesystem::path& named, Half half,
                             const std::filesystem::path& labels) {
    const std::filesystem::path file = data_file(named);
    form.half = half;
    form.labels = labels;
    Dataset data = load_data_file(file, form, settings.threads);
    reshape(data, settings.shape, file.string());
    say(describe_data_file(file, data));
    const std::string warning = unlike_training(data.summary, input);
    if (!warning.empty()) say(fmt::format("warning: {}: {}", file.string(), warning));
    prepare(data, input);
    return data;
  };
  Dataset test;
  if (has_test(settings)) test = load_more(settings.test_data, Half::kTest, settings.test_labels);
  Split split = split_dataset(std::move(train), settings.validation,
                              settings.split_seed.value_or(settings.seed), settings.stratify);
  if (!settings.validation_data.empty()) {
    split.validation = load_more(settings.validation_data, Half::kTest, {});
  }
  if (const auto missing = missing_class(split)) {
    say(fmt::format(
        "label {} has no row for {}; --stratify holds out the same part of each class",
        split.training.label_name(*missing),
        std::ranges::find(split.validation.labels, static_cast<std::int32_t>(*missing)) ==
                split.validation.labels.end()
            ? "validation"
            : "training"));
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return {std::move(split), std::move(test), seconds.count(), std::move(input)};
}

}  // namespace mnist
