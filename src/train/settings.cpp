#include "train/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/parse.h"
#include "data/data_file.h"
#include "data/input_scale.h"
#include "data/known_data.h"
#include "nn/class_names.h"
#include "nn/layer_kinds.h"
#include "train/class_weights.h"
#include "train/setting_setter.h"
#include "train/trainer.h"
#include "train/update_rule.h"

namespace mnist {
namespace {

constexpr const char* kStandardInput = "-";

constexpr std::array<Choice<Initializer>, 4> kInitializers{{{"he", Initializer::kHe},
                                                            {"xavier", Initializer::kXavier},
                                                            {"lecun", Initializer::kLecun},
                                                            {"article", Initializer::kLecun}}};
constexpr std::array<Choice<LossKind>, 2> kLosses{
    {{"cross-entropy", LossKind::kCrossEntropy}, {"mse", LossKind::kMeanSquaredError}}};
constexpr std::array<Choice<OutputDelta>, 2> kOutputDeltas{
    {{"exact", OutputDelta::kExact}, {"article", OutputDelta::kArticle}}};
constexpr std::array<Choice<ScheduleKind>, 5> kSchedules{
    {{"constant", ScheduleKind::kConstant},
     {"step", ScheduleKind::kStep},
     {"exponential", ScheduleKind::kExponential},
     {"cosine", ScheduleKind::kCosine},
     {"one-cycle", ScheduleKind::kOneCycle}}};
constexpr std::array<Choice<Sampling>, 2> kSamplings{
    {{"shuffle", Sampling::kShuffle}, {"independent", Sampling::kIndependent}}};

constexpr std::array<Choice<std::optional<InputForm>>, 3> kFirstLayers{
    {{"auto", std::nullopt}, {"sparse", InputForm::kPixels}, {"dense", InputForm::kFloats}}};
constexpr std::array<Choice<AugmentKind>, 4> kAugmentKinds{{{"none", AugmentKind::kNone},
                                                            {"affine", AugmentKind::kAffine},
                                                            {"elastic", AugmentKind::kElastic},
                                                            {"full", AugmentKind::kFull}}};
constexpr std::array<Choice<Keep>, 2> kKeeps{{{"last", Keep::kLast}, {"best", Keep::kBest}}};

template <class T, std::size_t N>
std::span<const Choice<T>> all(const std::array<Choice<T>, N>& choices) {
  return choices;
}

const std::vector<Choice<OptimizerKind>>& optimizers() {
  static const auto choices = [] {
    std::vector<Choice<OptimizerKind>> all;
    for (const OptimizerRow& row : optimizer_rows()) all.push_back({row.name, row.kind});
    return all;
  }();
  return choices;
}

// The default of a field for each optimizer that uses it: "[momentum, nesterov 0.9; rmsprop 0]".
std::string by_optimizer(std::optional<float> OptimizerSettings::*field) {
  std::vector<std::pair<float, std::string>> names_by_value;
  for (const Choice<OptimizerKind>& optimizer : optimizers()) {
    OptimizerSettings settings;
    settings.kind = optimizer.value;
    const std::optional<float> value = with_defaults(settings).*field;
    if (!value) continue;
    const auto same = std::find_if(names_by_value.begin(), names_by_value.end(),
                                   [&](const auto& entry) { return entry.first == *value; });
    if (same == names_by_value.end()) {
      names_by_value.emplace_back(*value, optimizer.name);
    } else {
      same->second += fmt::format(", {}", optimizer.name);
    }
  }
  std::string text;
  for (const auto& [value, names] : names_by_value) {
    text += fmt::format("{}{} {}", text.empty() ? "[" : "; ", names, value);
  }
  return text + "]";
}

// The one list of settings: calls a method of `visit` for each of them, in groups. Flags, help,
// reading and writing all use it. Settings is TrainSettings, const or not.
template <class Settings, class Visitor>
void visit_settings(Settings& s, Visitor& visit) {
  visit.group("Data");
  visit.data("train-data", s.train_data,
             "labelled images: a table, IDX, npz, a folder of pictures per class; plain, gz, zst, "
             "xz or zip");
  visit.data("test-data", s.test_data,
             "images for the final test, or 'none' [MNIST's where --train-data is MNIST's, else "
             "those that its container holds, else none]");
  visit.unless_empty("train-labels", "FILE", s.train_labels,
                     "labels that do not lie beside the training images under a usual name");
  visit.unless_empty("test-labels", "FILE", s.test_labels, "the same for --test-data");
  visit.unless_empty("label-column", "NAME|N|first|last|none", s.label_column,
                     "the label of a table, by its name or number from 1 [found out]");
  visit.unless_empty("id-column", "NAME|N", s.id_column, "a table's column that is no feature");
  visit.unless_empty("ignore-columns", "LIST", s.ignore_columns,
                     "columns of a table to leave out, names or numbers");
  visit.unless_empty(
      "shape", "HxW", s.shape,
      "of an image, or CxHxW, where the data do not tell; pictures are scaled to it");
  visit.on_switch("mnist-form", s.mnist_form,
                  "bring a folder's pictures to the form of MNIST's images");
  visit.unless("input-scale", "auto|none|divide:X|standard|normalize:MEAN,STD", s.input_scale,
               "auto",
               "how values are scaled, part of the model; auto divides bytes by 255, leaves 0 to 1 "
               "as it is and standardises all else");
  visit.on_switch("invert", s.invert, "make dark light and light dark, part of the model");
  visit.on_switch("transpose", s.transpose,
                  "exchange rows and columns of images, part of the model");
  visit.number("validation", s.validation,
               "training rows held out for validation: a count, or a fraction below 1");
  visit.unless_empty("validation-data", "FILE", s.validation_data,
                     "data to validate on, instead of training rows held out");
  visit.on_switch("stratify", s.stratify, "hold out the same part of each class's rows");
  visit.number("split-seed", s.split_seed,
               "the seed that draws the rows held out [that of --seed]");

  visit.text("class-names", "LIST", s.class_names,
             "what the classes are called, in the order of their labels: cat,dog,bird");

  visit.group("Network");
  visit.text("layers", "LIST", s.layers,
             fmt::format("the stack between input and output; an entry is {}; the output (classes, "
                         "softmax) is appended unless the list ends in one",
                         layer_entries()));
  visit.off_switch("no-bias", s.bias, "dense layers without bias terms");
  visit.choice("init", s.initializer, all(kInitializers),
               "initial weights; article is another name for lecun, N(0, 1/inputs)");
  visit.file("init-weights", s.init_weights,
             "start from these weights (safetensors file or run directory) instead");
  visit.unless_empty("init-optimizer", "FILE", s.init_optimizer,
                     "start with this state of the optimizer, which runs leave in "
                     "optimizer.safetensors, and draw what comes after its last epoch");

  visit.group("Augmentation");
  visit.choice("augment", s.augment.kind, all(kAugmentKinds),
               "distort images of bytes, each time differently; full is affine and elastic");
  visit.number("rotate", s.augment.rotate, "affine: degrees at most");
  visit.number("scale", s.augment.scale, "affine: part by which each axis grows or shrinks");
  visit.number("shear", s.augment.shear, "affine: slant at most");
  visit.number("shift", s.augment.shift, "affine: pixels at most, along each axis");
  visit.number("elastic-alpha", s.augment.elastic_alpha, "elastic: strength of the displacements");
  visit.number("elastic-sigma", s.augment.elastic_sigma, "elastic: their smoothness in pixels");
  visit.number("augment-anneal", s.augment.anneal,
               "part of training, at its end, over which distortion weakens to 70 %");

  visit.group("Loss");
  visit.choice("loss", s.loss.kind, all(kLosses), "what training minimises");
  visit.number("label-smoothing", s.loss.label_smoothing,
               "part of each label's weight that is spread over all classes");
  visit.unless_empty("class-weights", "balanced|LIST", s.class_weights,
                     "factors on the losses of each class's rows, in the order of the labels: "
                     "1,5,1; balanced: all classes count alike; scaled to a mean of 1 over the "
                     "training rows, and not used to validate");
  visit.choice("output-delta", s.loss.output_delta, all(kOutputDeltas),
               "error signal at the output: its exact derivative, or the article's");

  visit.group("Optimizer");
  visit.choice("optimizer", s.optimizer.kind, std::span<const Choice<OptimizerKind>>(optimizers()),
               "update rule, as PyTorch's");
  visit.number("lr", s.optimizer.learning_rate,
               "learning rate, at its highest " + by_optimizer(&OptimizerSettings::learning_rate));
  visit.number(
      "momentum", s.optimizer.momentum,
      "part of each update that goes on in the next " + by_optimizer(&OptimizerSettings::momentum));
  visit.number("weight-decay", s.optimizer.weight_decay,
               "L2 penalty, decoupled in adamw " + by_optimizer(&OptimizerSettings::weight_decay));
  visit.number("beta1", s.optimizer.beta1,
               "decay of the gradients' moving average " + by_optimizer(&OptimizerSettings::beta1));
  visit.number("beta2", s.optimizer.beta2,
               "decay of the squared gradients' moving average, PyTorch's alpha of rmsprop " +
                   by_optimizer(&OptimizerSettings::beta2));
  visit.number(
      "epsilon", s.optimizer.epsilon,
      "added to what the update is divided by " + by_optimizer(&OptimizerSettings::epsilon));
  visit.depend_on("optimizer", {"lr", "momentum", "weight-decay", "beta1", "beta2", "epsilon"});
  visit.number("clip-norm", s.optimizer.clip_norm, "largest L2 norm of the whole gradient [none]");
  visit.number("max-norm", s.optimizer.max_norm,
               "largest L2 norm of the weights into a hidden unit [none]");
  visit.number("ema", s.optimizer.ema,
               "decay per step of the weights' moving average, which is then what is validated and "
               "saved; 0 is none");

  visit.group("Schedule");
  visit.choice("schedule", s.schedule.kind, all(kSchedules), "course of the learning rate");
  visit.number("warmup", s.schedule.warmup,
               "linear rise at the start: steps, or a fraction of all steps below 1");
  visit.number("decay", s.schedule.decay, "step, exponential: factor on the learning rate");
  visit.number("decay-every", s.schedule.decay_every,
               "step, exponential: steps per factor; 0 is a third of all steps");
  visit.depend_on("schedule", {"warmup", "decay", "decay-every"});

  visit.group("Training");
  visit.count("batch-size", s.batch_size, "rows per mini-batch");
  visit.count("steps", s.steps, "length of training in mini-batches [10000]");
  visit.count("epochs", s.epochs, "length of training in passes over the rows, instead of steps");
  visit.exclude("steps", "epochs");
  visit.choice("sampling", s.sampling, all(kSamplings),
               "a shuffled pass per epoch, or each batch drawn anew");
  visit.number("early-stop", s.stopping.patience,
               "end training after N epochs without a lower validation loss; 0 is never");
  visit.choice("keep", s.stopping.keep, all(kKeeps),
               "save the last weights, or those of the epoch with the lowest validation loss");
  visit.number("seed", s.seed, "the same seed gives the same weights, bit by bit");
  visit.number("threads", s.threads,
               "number of threads, 0 is one per core; does not change the weights");
  visit.choice("first-layer", s.first_layer, all(kFirstLayers),
               "skip zero pixels or not; the weights are the same");
  visit.count("log-every", s.log_every, "steps between rows of loss.csv");
  visit.number("checkpoint-every", s.checkpoint_every,
               "steps between checkpoints; 0 is about every 30 s");
}

// Describes each setting.
class Lister : public SettingVisitor {
 public:
  void group(const std::string& name) { group_ = name; }

  template <class T>
  void number(const std::string& name, const T& value, const std::string& help) {
    add(name, type_name(value), help, default_text(value));
  }
  template <class T>
  void count(const std::string& name, const T& value, const std::string& help) {
    add(name, "N", help, default_text(value));
  }
  void text(const std::string& name, const std::string& type, const std::string& value,
            const std::string& help) {
    add(name, type, help, value);
  }
  void file(const std::string& name, const std::filesystem::path& value, const std::string& help) {
    add(name, "FILE", help, value.string());
  }
  void data(const std::string& name, const std::filesystem::path& value, const std::string& help) {
    file(name, value, help);
    settings.back().once = name == "train-data";
  }
  template <class T>
  void choice(const std::string& name, const T& value, std::span<const Choice<T>> choices,
              const std::string& help) {
    add(name, names_of(choices), help, std::string(name_of(value, choices)));
  }
  void off_switch(const std::string& name, const bool&, const std::string& help) {
    add(name, "", help, "");
  }
  void on_switch(const std::string& name, const bool&, const std::string& help) {
    add(name, "", help, "");
  }
  template <class T>
  void unless_empty(const std::string& name, const std::string& type, const T&,
                    const std::string& help) {
    add(name, type, help, "");
  }
  void unless(const std::string& name, const std::string& type, const std::string& value,
              const std::string&, const std::string& help) {
    add(name, type, help, value);
  }
  void depend_on(const std::string& owner, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) find(name).depends_on = owner;
  }
  void exclude(const std::string& one, const std::string& other) {
    find(one).excludes.push_back(other);
    find(other).excludes.push_back(one);
  }

  std::vector<Setting> settings;

 private:
  static std::string type_name(const std::optional<float>&) { return "X"; }
  static std::string type_name(float) { return "X"; }
  static std::string type_name(double) { return "X"; }
  static std::string type_name(const std::optional<std::uint64_t>&) { return "N"; }
  static std::string type_name(std::uint64_t) { return "N"; }

  template <class T>
  static std::string default_text(const T& value) {
    return fmt::format("{}", value);
  }
  template <class T>
  static std::string default_text(const std::optional<T>&) {
    return "";  // the help text states the default
  }

  Setting& find(std::string_view name) {
    return *std::find_if(settings.begin(), settings.end(),
                         [&](const Setting& one) { return one.name == name; });
  }
  void add(const std::string& name, const std::string& type, const std::string& help,
           const std::string& value) {
    settings.push_back(
        {name, group_, type, value.empty() ? help : help + " [" + value + "]", "", {}, false});
  }

  std::string group_;
};

// The double nearest to the shortest decimal form of a float: 0.1, not 0.10000000149.
double shortest_decimal(float value) {
  const std::string text = fmt::format("{}", value);
  double wide = 0;
  std::from_chars(text.data(), text.data() + text.size(), wide);
  return wide;
}

// Collects the settings that have a value as JSON.
class Collector : public SettingVisitor {
 public:
  void data(const std::string& name, const std::filesystem::path& value, const std::string&) {
    if (value == kNoTestData) {
      json[name] = kNoTestData;
    } else if (!value.empty()) {
      json[name] = is_default_data(value) ? value.string() : absolute(value);
    }
  }
  void file(const std::string& name, const std::filesystem::path& value, const std::string&) {
    if (!value.empty()) json[name] = absolute(value);
  }
  void text(const std::string& name, const std::string&, const std::string& value,
            const std::string&) {
    json[name] = value;
  }
  template <class T>
  void number(const std::string& name, const T& value, const std::string&) {
    put(name, value);
  }
  template <class T>
  void count(const std::string& name, const T& value, const std::string&) {
    put(name, value);
  }
  template <class T>
  void choice(const std::string& name, const T& value, std::span<const Choice<T>> choices,
              const std::string&) {
    json[name] = name_of(value, choices);
  }
  void off_switch(const std::string& name, const bool& value, const std::string&) {
    json[name] = !value;
  }
  // Settings newer than version 1.0 are only listed if they are used, so that the settings of older
  // runs still compare equal.
  void on_switch(const std::string& name, const bool& value, const std::string&) {
    if (value) json[name] = true;
  }
  void unless_empty(const std::string& name, const std::string&, const std::string& value,
                    const std::string&) {
    if (!value.empty()) json[name] = value;
  }
  void unless_empty(const std::string& name, const std::string&, const std::filesystem::path& value,
                    const std::string& help) {
    file(name, value, help);
  }
  void unless(const std::string& name, const std::string&, const std::string& value,
              const std::string& usual, const std::string&) {
    if (value != usual) json[name] = value;
  }

  nlohmann::ordered_json json = nlohmann::ordered_json::object();

 private:
  static std::string absolute(const std::filesystem::path& path) {
    if (path == kStandardInput) return path.string();
    return std::filesystem::absolute(path).lexically_normal().string();
  }
  template <class T>
  void put(const std::string& name, const std::optional<T>& value) {
    if (value) put(name, *value);
  }
  void put(const std::string& name, float value) { json[name] = shortest_decimal(value); }
  void put(const std::string& name, double value) { json[name] = value; }
  void put(const std::string& name, std::uint64_t value) { json[name] = value; }
};

}  // namespace

TrainSettings default_settings() {
  TrainSettings settings;
  settings.train_data = kDefaultTrainData;
  return settings;
}

const Setting* find_setting(const std::vector<Setting>& known, const std::string& name) {
  const auto found = std::ranges::find(known, name, &Setting::name);
  return found == known.end() ? nullptr : &*found;
}

std::vector<Setting> list_settings(const TrainSettings& defaults) {
  Lister lister;
  visit_settings(defaults, lister);
  return lister.settings;
}

std::string owner_of(const std::string& name) {
  for (const Setting& setting : list_settings({})) {
    if (setting.name == name) return setting.depends_on;
  }
  return "";
}

void set_setting(TrainSettings& settings, const std::string& name, const std::string& text) {
  SettingSetter setter(name, text);
  visit_settings(settings, setter);
}

void check_data_form(const TrainSettings& settings) {
  parse_scale(settings.input_scale);
  if (!settings.shape.empty() && !parse_shape(settings.shape)) {
    refuse(fmt::format("shape '{}': give HxW or CxHxW, such as 28x28", settings.shape));
  }
}

void complete_settings(TrainSettings& settings) {
  if (settings.test_data.empty()) {
    settings.test_data = settings.train_data == kDefaultTrainData ? kDefaultTestData
                         : has_halves(settings.train_data)        ? settings.train_data
                         : is_mnist_training(settings.train_data) ? kDefaultTestData
                                                                  : kNoTestData;
  }
  check_data_form(settings);
  if (!settings.validation_data.empty() && settings.validation > 0) {
    refuse("validation is asked for twice: rows held out, and data of their own");
  }
  check_class_weights(settings.class_weights);
  parse_class_names(settings.class_names);  // report a mistake before reading the data
  settings.optimizer = with_defaults(settings.optimizer);
  check_validation(settings.stopping, validates(settings));
  if (!settings.epochs) settings.steps = total_steps(settings, 1);
}

nlohmann::ordered_json settings_json(const TrainSettings& settings) {
  Collector collector;
  visit_settings(settings, collector);
  return collector.json;
}

nlohmann::ordered_json default_settings_json(const TrainSettings& settings) {
  TrainSettings defaults = default_settings();
  defaults.optimizer.kind = settings.optimizer.kind;
  defaults.schedule.kind = settings.schedule.kind;
  complete_settings(defaults);
  return settings_json(defaults);
}

}  // namespace mnist
