#include "train/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "base/checked_product.h"
#include "base/error.h"
#include "data/batches.h"
#include "model_io/model_file.h"
#include "nn/class_names.h"
#include "report/metrics.h"
#include "train/batch_trainer.h"
#include "train/class_weights.h"
#include "train/collapse_watch.h"

namespace mnist {

namespace {

constexpr std::size_t kDefaultSteps = 10'000;

// The augmenter, if images are distorted.
std::optional<Augmenter> make_augmenter(const TrainSettings& settings, const Dataset& training) {
  if (settings.augment.kind == AugmentKind::kNone) return std::nullopt;
  return augmenter_for(training, settings.augment, settings.seed);
}

// The sparse form only exists for bytes; float data ignores the setting.
InputForm input_form(const TrainSettings& settings, const Dataset& training) {
  if (training.has_floats()) return InputForm::kFloats;
  return settings.first_layer.value_or(faster_input_form(training));
}

LayerList stack_for(const TrainSettings& settings, const Dataset& training) {
  return complete_layer_list(settings.layers, training.shape, training.classes);
}

// Throws Error(kUsage) if a layer with batch statistics would get a batch of a single row.
void check_batches(const Network& network, const TrainSettings& settings, std::size_t rows) {
  bool mixes_rows = false;
  for (std::size_t i = 0; i < network.depth(); ++i) {
    mixes_rows = mixes_rows || network.layer(i).mixes_rows();
  }
  const bool single = settings.batch_size == 1 ||
                      (settings.sampling == Sampling::kShuffle && rows % settings.batch_size == 1);
  if (!mixes_rows || !single) return;
  refuse(
      fmt::format("batchnorm needs batches of two rows or more; {} rows in batches of {} leave one "
                  "of a single row; choose another batch size",
                  rows, settings.batch_size));
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

// The optimizer's state from the run that this one continues.
OptimizerState state_before(const TrainSettings& settings) {
  return settings.init_optimizer.empty() ? OptimizerState()
                                         : load_optimizer_state(settings.init_optimizer);
}

LossSettings training_loss(const TrainSettings& settings, const Dataset& training) {
  LossSettings loss = settings.loss;
  loss.class_weights = class_weights(settings.class_weights, training);
  return loss;
}

// The loss for validation: without label smoothing and class weights (these are added for training
// only), so that runs with different settings can be compared.
LossSettings measured_loss(LossSettings loss) {
  loss.label_smoothing = 0;
  return loss;
}

// The training loop, from the first step or from a checkpoint.
class Training {
 public:
  Training(Network& network, const TrainSettings& settings, const Dataset& training,
           const Dataset& validation, ThreadPool& pool, TrainObserver& observer)
      : network_(network),
        settings_(settings),
        training_(training),
        validation_(validation),
        pool_(pool),
        observer_(observer),
        optimizer_(with_defaults(settings.optimizer)),
        before_(state_before(settings)),
        steps_(total_steps(settings, training.rows())),
        schedule_(settings.schedule, static_cast<double>(*optimizer_.learning_rate), steps_),
        sampler_(settings.sampling, training.rows(), settings.batch_size, settings.seed),
        validation_loss_(measured_loss(settings.loss), network.output_activation()),
        watch_(*optimizer_.learning_rate, network.output_activation()),
        stopping_(settings.stopping),
        trainer_(network, training_loss(settings, training), optimizer_, settings.batch_size, pool,
                 input_form(settings, training), settings.seed),
        augmenter_(make_augmenter(settings, training)) {
    check_validation(settings.stopping, validation.rows() > 0);
    check_batches(network, settings, training.rows());
    if (settings.init_optimizer.empty()) return;
    try {
      trainer_.optimizer().set_state(before_.parameters, before_.steps);
    } catch (const Error& error) {
      throw Error(error.code(),
                  fmt::format("{}: {}", settings.init_optimizer.string(), error.what()));
    }
    // The file was written after a swap: undo it, so that training continues with the raw weights.
    trainer_.optimizer().swap_average();
    before_.parameters.clear();
  }

  void resume(const Checkpoint& checkpoint) {
    check_checkpoint(checkpoint, network_, steps_);
    stopping_.set_best(checkpoint.best);
    stopping_.restore(network_);  // a test: report weights that do not fit now, not at the end
    network_.set_parameters(checkpoint.parameters);
    trainer_.optimizer().set_state(checkpoint.optimizer_state, before_.steps + checkpoint.steps);
    done_ = checkpoint.steps;
    epoch_loss_ = checkpoint.epoch_loss;
    epoch_samples_ = checkpoint.epoch_samples;
    watch_.set_state(checkpoint.collapse);
    time_ = std::chrono::duration<double>(checkpoint.train_seconds);
  }

  std::optional<TrainOutcome> run() {
    draw(done_, rows_);
    draw(done_ + 1, upcoming_);
    while (done_ < steps_ && !stopping_.over()) {
      make_step();
      const bool last = done_ == steps_;
      const bool epoch_ends = done_ % sampler_.steps_per_epoch() == 0 || last;
      const bool wanted = observer_.wants_validation(done_, epoch_ends) || last ||
                          (epoch_ends && settings_.stopping.needs_validation());
      std::optional<ValidationRecord> validated;
      if (validation_.rows() > 0 && wanted) validated = measure(epoch_ends);
      if (epoch_ends) end_epoch(validated);
      if (last || stopping_.over()) continue;
      const BetweenSteps next = observer_.between_steps();
      if (next != BetweenSteps::kGoOn) observer_.on_checkpoint(checkpoint());
      if (next == BetweenSteps::kSaveAndStop) return std::nullopt;
    }
    return finish();
  }

 private:
  // Draws the rows of a step; none beyond the last step.
  void draw(std::size_t step, std::vector<std::uint32_t>& rows) {
    rows.clear();
    if (step >= steps_) return;
    const std::span<const std::uint32_t> drawn =
        sampler_.batch(before_.epochs * sampler_.steps_per_epoch() + step);
    rows.assign(drawn.begin(), drawn.end());
  }

  // The epoch, 1-based, of the last finished step.
  std::size_t epoch() const { return (done_ - 1) / sampler_.steps_per_epoch() + 1; }
  double mean_epoch_loss() const { return epoch_loss_ / static_cast<double>(epoch_samples_); }

  void make_step() {
    const auto begin = std::chrono::steady_clock::now();
    const std::size_t step = done_++;
    const float rate = schedule_.at(step);
    std::optional<Distortion> distortion;
    if (augmenter_) {
      const std::uint64_t drawn_epoch = before_.epochs + epoch();
      if (augmented_epoch_ != drawn_epoch) augmenter_->begin_epoch(drawn_epoch);
      augmented_epoch_ = drawn_epoch;
      const double progress = static_cast<double>(step) / static_cast<double>(steps_);
      distortion.emplace(
          Distortion{*augmenter_, drawn_epoch, augment_strength(settings_.augment, progress)});
    }
    const double loss =
        trainer_.step(training_, rows_, rate, upcoming_, distortion ? &*distortion : nullptr,
                      [this] { draw(done_ + 1, later_); });
    epoch_samples_ += rows_.size();
    epoch_loss_ += loss * static_cast<double>(rows_.size());
    time_ += std::chrono::steady_clock::now() - begin;
    observer_.on_step({done_, epoch(), rate, static_cast<float>(loss)});
    watch_.check(done_, static_cast<float>(loss), trainer_.probabilities(), trainer_.labels());
    rows_.swap(upcoming_);
    upcoming_.swap(later_);
  }

  ValidationRecord measure(bool epoch_ends) {
    std::vector<float> losses;
    trainer_.optimizer().swap_average();
    const AlignedVector<float> probabilities =
        predict(network_, validation_, pool_, validation_loss_, &losses);
    const Metrics metrics =
        compute_metrics(probabilities, network_.outputs(), validation_.labels, losses);
    if (epoch_ends) {
      stopping_.look({epoch(), mean_epoch_loss(), metrics.loss, metrics.accuracy}, network_);
    }
    trainer_.optimizer().swap_average();
    const ValidationRecord record{done_, metrics.loss, metrics.accuracy, time_.count()};
    observer_.on_validation(record);
    return record;
  }

  void end_epoch(const std::optional<ValidationRecord>& validated) {
    last_epoch_ = {epoch(), done_, mean_epoch_loss(), {}, {}, time_.count()};
    if (validated) {
      last_epoch_.validation_loss = validated->loss;
      last_epoch_.validation_accuracy = validated->accuracy;
    }
    observer_.on_epoch(last_epoch_);
    epoch_loss_ = 0;
    epoch_samples_ = 0;
  }

  Checkpoint checkpoint() {
    return {Checkpoint::kFormat,
            to_string(network_.layers()),
            done_,
            time_.count(),
            epoch_loss_,
            epoch_samples_,
            watch_.state(),
            stopping_.best(),
            network_.parameters(),
            trainer_.optimizer().state()};
  }

  // The mean loss of the first training rows.
  double loss_at_end() const {
    Dataset sample;
    append_rows(sample, training_, 0, std::min(settings_.batch_size, training_.rows()));
    std::vector<float> losses;
    predict(network_, sample, pool_, validation_loss_, &losses);
    return std::accumulate(losses.begin(), losses.end(), 0.0) / static_cast<double>(losses.size());
  }

  TrainOutcome finish() {
    trainer_.optimizer().swap_average();
    TrainOutcome outcome;
    outcome.train_loss = last_epoch_.train_loss;
    outcome.validation_loss = last_epoch_.validation_loss;
    outcome.validation_accuracy = last_epoch_.validation_accuracy;
    if (const EpochFigures* kept = stopping_.restore(network_)) {
      outcome.kept_epoch = kept->epoch;
      outcome.train_loss = kept->train_loss;
      outcome.validation_loss = kept->validation_loss;
      outcome.validation_accuracy = kept->validation_accuracy;
    }
    // The losses of the steps do not cover the last update.
    watch_.check_end(done_, network_.parameters(), loss_at_end());
    // Only with shuffling may the last batch of an epoch be short.
    const std::size_t full = done_ * settings_.batch_size;
    const std::size_t missing =
        settings_.sampling == Sampling::kShuffle
            ? sampler_.steps_per_epoch() * settings_.batch_size - training_.rows()
            : 0;
    const std::size_t whole_epochs = done_ / sampler_.steps_per_epoch();
    const auto samples = static_cast<double>(full - whole_epochs * missing);
    outcome.steps = done_;
    outcome.epochs = samples / static_cast<double>(training_.rows());
    outcome.train_seconds = time_.count();
    outcome.samples_per_second = samples / outcome.train_seconds;
    outcome.optimizer = {trainer_.optimizer().steps(), before_.epochs + epoch(),
                         trainer_.optimizer().state()};
    return outcome;
  }

  Network& network_;
  const TrainSettings& settings_;
  const Dataset& training_;
  const Dataset& validation_;
  ThreadPool& pool_;
  TrainObserver& observer_;

  OptimizerSettings optimizer_;
  OptimizerState before_;
  std::size_t steps_;
  Schedule schedule_;
  BatchSampler sampler_;
  Loss validation_loss_;
  CollapseWatch watch_;
  EarlyStopping stopping_;
  BatchTrainer trainer_;
  std::optional<Augmenter> augmenter_;
  std::optional<std::uint64_t> augmented_epoch_;

  std::size_t done_ = 0;                 // finished steps
  std::vector<std::uint32_t> rows_;      // of the current step
  std::vector<std::uint32_t> upcoming_;  // of the next step
  std::vector<std::uint32_t> later_;     // of the step after that
  double epoch_loss_ = 0;                // sum over the rows of the current epoch
  std::size_t epoch_samples_ = 0;
  std::chrono::duration<double> time_{0};
  EpochRecord last_epoch_;
};

}  // namespace

std::size_t total_steps(const TrainSettings& settings, std::size_t training_rows) {
  if (settings.steps && settings.epochs) {
    refuse("the length of training is given twice, in steps and in epochs");
  }
  if (settings.batch_size == 0) refuse("a batch has at least one row");
  const std::size_t per_epoch =
      training_rows / settings.batch_size + (training_rows % settings.batch_size != 0);
  const auto total = settings.epochs ? checked_product({*settings.epochs, per_epoch})
                                     : settings.steps.value_or(kDefaultSteps);
  if (!total) {
    refuse(fmt::format("{} epochs of {} steps are more steps than can be counted", *settings.epochs,
                       per_epoch));
  }
  if (*total == 0) refuse("training takes at least one step");
  return *total;
}

Network make_network(const TrainSettings& settings, const Dataset& training) {
  const LayerList layers = stack_for(settings, training);
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
    throw bad_input(settings.init_weights.string(),
                    fmt::format("holds {} bias terms, the settings ask for {}",
                                settings.bias ? "no" : "some", settings.bias ? "some" : "none"));
  }
  return network;
}

void check_settings(const TrainSettings& settings, const Dataset& training) {
  const Network network = settings.init_weights.empty()
                              ? Network(stack_for(settings, training), settings.bias)
                              : make_network(settings, training);
  const OptimizerSettings optimizer = with_defaults(settings.optimizer);
  const Schedule schedule(settings.schedule, static_cast<double>(*optimizer.learning_rate),
                          total_steps(settings, training.rows()));
  const BatchSampler sampler(settings.sampling, training.rows(), settings.batch_size,
                             settings.seed);
  const Loss loss(training_loss(settings, training), network.output_activation());
  make_augmenter(settings, training);
  check_batches(network, settings, training.rows());
}

void check_validation(const StoppingSettings& settings, bool any_rows) {
  if (any_rows || !settings.needs_validation()) return;
  refuse(
      "early stopping and keeping the best epoch need rows to measure on; hold some out with "
      "--validation");
}

std::optional<TrainOutcome> train(Network& network, const TrainSettings& settings,
                                  const Dataset& training, const Dataset& validation,
                                  ThreadPool& pool, TrainObserver& observer,
                                  const Checkpoint* checkpoint) {
  Training run(network, settings, training, validation, pool, observer);
  if (checkpoint != nullptr) run.resume(*checkpoint);
  return run.run();
}

}  // namespace mnist
