#include "train/trainer.h"

#include <fmt/format.h>

#include <chrono>
#include <span>
#include <utility>
#include <vector>

#include "base/error.h"
#include "data/batches.h"
#include "model_io/model_file.h"
#include "nn/class_names.h"
#include "report/metrics.h"
#include "train/batch_trainer.h"
#include "train/collapse_watch.h"

namespace mnist {

namespace {

constexpr std::size_t kDefaultSteps = 10'000;

// Images of this form are taken for handwritten digits, see AugmentSettings::digit_rules.
constexpr std::size_t kDigitFeatures = 784;
constexpr std::size_t kDigitClasses = 10;

// What distorts the images, if they are to be distorted.
std::optional<Augmenter> make_augmenter(const TrainSettings& settings, const Dataset& training) {
  if (settings.augment.kind == AugmentKind::kNone) return std::nullopt;
  AugmentSettings augment = settings.augment;
  augment.digit_rules = training.features == kDigitFeatures && training.classes == kDigitClasses;
  return Augmenter(augment, training.features, settings.seed);
}

void check_checkpoint(const Checkpoint& checkpoint, const Network& network, std::size_t steps) {
  const auto refuse = [](const std::string& why) {
    throw Error(ExitCode::kBadInput,
                fmt::format("the checkpoint does not fit: {}; train anew instead", why));
  };
  if (checkpoint.layers != to_string(network.layers())) {
    refuse(
        fmt::format("it is of layers {}, not {}", checkpoint.layers, to_string(network.layers())));
  }
  if (checkpoint.steps >= steps) {
    refuse(fmt::format("it is at step {} of {}", checkpoint.steps, steps));
  }
  if (checkpoint.collapse.checks > 0 && checkpoint.collapse.first_row.size() != network.outputs()) {
    refuse(fmt::format("it holds {} outputs of {}", checkpoint.collapse.first_row.size(),
                       network.outputs()));
  }
}

}  // namespace

std::size_t total_steps(const TrainSettings& settings, std::size_t training_rows) {
  if (settings.steps && settings.epochs) {
    throw Error(ExitCode::kUsage, "the length of training is given twice, in steps and in epochs");
  }
  if (settings.batch_size == 0) throw Error(ExitCode::kUsage, "a batch has at least one row");
  const std::size_t per_epoch = (training_rows + settings.batch_size - 1) / settings.batch_size;
  const std::size_t total =
      settings.epochs ? *settings.epochs * per_epoch : settings.steps.value_or(kDefaultSteps);
  if (total == 0) throw Error(ExitCode::kUsage, "training takes at least one step");
  return total;
}

Network make_network(const TrainSettings& settings, std::size_t features, std::size_t classes) {
  const LayerList layers = complete_layer_list(settings.layers, features, classes);
  std::vector<std::string> names = parse_class_names(settings.class_names);
  if (settings.init_weights.empty()) {
    Network network(layers, settings.bias);
    network.set_class_names(std::move(names));
    network.initialize(settings.initializer, settings.seed);
    return network;
  }
  Network network = load_model(settings.init_weights, layers);
  if (!names.empty()) network.set_class_names(std::move(names));
  if (network.has_bias() != settings.bias) {
    throw Error(ExitCode::kBadInput,
                fmt::format("{}: holds {} bias terms, the settings ask for {}",
                            settings.init_weights.string(), settings.bias ? "no" : "some",
                            settings.bias ? "some" : "none"));
  }
  return network;
}

void check_settings(const TrainSettings& settings, const Dataset& training) {
  const LayerList layers =
      complete_layer_list(settings.layers, training.features, training.classes);
  const Network network = settings.init_weights.empty()
                              ? Network(layers, settings.bias)
                              : make_network(settings, training.features, training.classes);
  const OptimizerSettings optimizer = with_defaults(settings.optimizer);
  const Schedule schedule(settings.schedule, static_cast<double>(*optimizer.learning_rate),
                          total_steps(settings, training.rows()));
  const BatchSampler sampler(settings.sampling, training.rows(), settings.batch_size,
                             settings.seed);
  const Loss loss(settings.loss, network.output_activation());
  make_augmenter(settings, training);
}

TrainOutcome train(Network& network, const TrainSettings& settings, const Dataset& training,
                   const Dataset& validation, ThreadPool& pool, TrainObserver& observer,
                   const Checkpoint* checkpoint) {
  const std::size_t steps = total_steps(settings, training.rows());
  const OptimizerSettings optimizer_settings = with_defaults(settings.optimizer);
  const float learning_rate = *optimizer_settings.learning_rate;
  const Schedule schedule(settings.schedule, static_cast<double>(learning_rate), steps);
  const BatchSampler sampler(settings.sampling, training.rows(), settings.batch_size,
                             settings.seed);
  const std::size_t steps_per_epoch = sampler.steps_per_epoch();
  LossSettings validation_loss_settings = settings.loss;
  validation_loss_settings.label_smoothing = 0;
  const Loss validation_loss(validation_loss_settings, network.output_activation());
  CollapseWatch watch(learning_rate, network.output_activation());

  BatchTrainer trainer(network, settings.loss, optimizer_settings, settings.batch_size, pool,
                       settings.first_layer.value_or(faster_input_form(training)), settings.seed);

  std::optional<Augmenter> augmenter = make_augmenter(settings, training);
  std::optional<std::size_t> augmented_epoch;

  TrainOutcome outcome;
  double epoch_loss = 0;
  std::size_t epoch_samples = 0;
  std::chrono::duration<double> training_time{0};
  std::size_t first_step = 0;
  if (checkpoint != nullptr) {
    check_checkpoint(*checkpoint, network, steps);
    network.set_parameters(checkpoint->parameters);
    trainer.optimizer().set_state(checkpoint->optimizer_state, checkpoint->steps);
    first_step = checkpoint->steps;
    epoch_loss = checkpoint->epoch_loss;
    epoch_samples = checkpoint->epoch_samples;
    watch.set_state(checkpoint->collapse);
    training_time = std::chrono::duration<double>(checkpoint->train_seconds);
  }
  const auto batch = [&](std::size_t step) {
    const std::span<const std::uint32_t> rows = sampler.batch(step);
    return std::vector<std::uint32_t>(rows.begin(), rows.end());
  };
  std::vector<std::uint32_t> rows;
  std::vector<std::uint32_t> upcoming = batch(first_step);
  for (std::size_t step = first_step; step < steps; ++step) {
    const auto step_begin = std::chrono::steady_clock::now();
    rows.swap(upcoming);
    upcoming = step + 1 < steps ? batch(step + 1) : std::vector<std::uint32_t>{};
    const float rate = schedule.at(step);
    const std::size_t epoch = step / steps_per_epoch + 1;
    double batch_loss = 0;
    if (augmenter) {
      if (augmented_epoch != epoch) augmenter->begin_epoch(epoch);
      augmented_epoch = epoch;
      const double progress = static_cast<double>(step) / static_cast<double>(steps);
      const Distortion distortion{*augmenter, epoch, augment_strength(settings.augment, progress)};
      batch_loss = trainer.step(training, rows, rate, upcoming, &distortion);
    } else {
      batch_loss = trainer.step(training, rows, rate, upcoming);
    }
    epoch_samples += rows.size();
    epoch_loss += batch_loss * static_cast<double>(rows.size());
    training_time += std::chrono::steady_clock::now() - step_begin;

    observer.on_step({step + 1, epoch, rate, static_cast<float>(batch_loss)});
    watch.check(step + 1, static_cast<float>(batch_loss), trainer.probabilities());

    const bool last = step + 1 == steps;
    const bool epoch_ends = (step + 1) % steps_per_epoch == 0 || last;
    std::optional<ValidationRecord> validated;
    if (validation.rows() > 0 && (observer.wants_validation(step + 1, epoch_ends) || last)) {
      std::vector<float> losses;
      trainer.optimizer().swap_average();
      const AlignedVector<float> probabilities =
          predict(network, validation, pool, validation_loss, &losses);
      trainer.optimizer().swap_average();
      const Metrics metrics =
          compute_metrics(probabilities, network.outputs(), validation.labels, losses);
      validated = {step + 1, metrics.loss, metrics.accuracy, training_time.count()};
      observer.on_validation(*validated);
    }
    if (epoch_ends) {
      EpochRecord record;
      record.epoch = epoch;
      record.step = step + 1;
      record.train_loss = epoch_loss / static_cast<double>(epoch_samples);
      if (validated) {
        record.validation_loss = validated->loss;
        record.validation_accuracy = validated->accuracy;
      }
      record.seconds = training_time.count();
      observer.on_epoch(record);
      outcome.train_loss = record.train_loss;
      outcome.validation_loss = record.validation_loss;
      outcome.validation_accuracy = record.validation_accuracy;
      epoch_loss = 0;
      epoch_samples = 0;
    }
    if (!last && observer.wants_checkpoint()) {
      observer.on_checkpoint({to_string(network.layers()), 0, step + 1, training_time.count(),
                              epoch_loss, epoch_samples, watch.state(), network.parameters(),
                              trainer.optimizer().state()});
    }
  }
  trainer.optimizer().swap_average();
  // Only a shuffled pass ends with a batch that may be short.
  const std::size_t full = steps * settings.batch_size;
  const std::size_t missing = settings.sampling == Sampling::kShuffle
                                  ? steps_per_epoch * settings.batch_size - training.rows()
                                  : 0;
  const std::size_t samples = full - steps / steps_per_epoch * missing;
  outcome.steps = steps;
  outcome.epochs = static_cast<double>(samples) / static_cast<double>(training.rows());
  outcome.train_seconds = training_time.count();
  outcome.samples_per_second = static_cast<double>(samples) / outcome.train_seconds;
  return outcome;
}

}  // namespace mnist
