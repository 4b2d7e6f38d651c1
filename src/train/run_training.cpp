#include "train/run_training.h"

#include <chrono>
#include <filesystem>
#include <utility>

#include "base/error.h"
#include "data/batches.h"
#include "model_io/model_file.h"
#include "report/metrics.h"

namespace mnist {
namespace {

using Clock = std::chrono::steady_clock;

// The interval between checkpoints if the settings give no number of steps.
constexpr std::chrono::seconds kCheckpointEvery{30};

// Records the progress of training in the run's directory and passes it on to the observer.
class Recorder : public TrainObserver {
 public:
  Recorder(RunDirectory& run, const TrainSettings& settings, const RunData& data,
           const RecordedSteps& before, RunObserver& observer)
      : run_(run), settings_(settings), data_(data), before_(before), observer_(observer) {}

  void on_step(const StepRecord& record) override {
    // The first finished step proves that the settings are valid, so the run may replace another.
    if (!run_.started()) {
      for (const std::string& missing : run_.start(before_)) observer_.on_notice(missing);
    }
    step_ = record.step;
    if ((record.step - 1) % settings_.log_every == 0) run_.record(record);
    observer_.on_step(record);
  }

  void on_epoch(const EpochRecord& record) override {
    run_.record(record);
    observer_.on_epoch(record);
  }

  bool wants_validation(std::size_t step, bool epoch_ends) override {
    return observer_.wants_validation(step, epoch_ends);
  }
  void on_validation(const ValidationRecord& record) override {
    run_.record(record);
    observer_.on_validation(record);
  }

  BetweenSteps between_steps() override {
    if (observer_.wants_to_stop()) return BetweenSteps::kSaveAndStop;
    const bool due = settings_.checkpoint_every > 0 ? step_ % settings_.checkpoint_every == 0
                                                    : Clock::now() >= next_checkpoint_;
    return due ? BetweenSteps::kSave : BetweenSteps::kGoOn;
  }

  void on_checkpoint(const Checkpoint& checkpoint) override {
    run_.save(checkpoint, data_.training_hash());
    next_checkpoint_ = Clock::now() + kCheckpointEvery;
  }

  std::size_t step() const { return step_; }

 private:
  RunDirectory& run_;
  const TrainSettings& settings_;
  const RunData& data_;
  RecordedSteps before_;
  RunObserver& observer_;
  std::size_t step_ = 0;
  Clock::time_point next_checkpoint_ = Clock::now() + kCheckpointEvery;
};

std::optional<Checkpoint> checkpoint_of(const RunDirectory& run, const RunData& data) {
  if (!std::filesystem::exists(run.checkpoint_path())) return std::nullopt;
  return load_checkpoint(run.checkpoint_path(), data.training_hash());
}

// What a run has recorded after `step` steps.
RecordedSteps recorded_at(std::size_t step, const TrainSettings& settings, std::size_t rows) {
  const BatchSampler sampler(settings.sampling, rows, settings.batch_size, settings.seed);
  return {step, step == 0 ? 0 : (step - 1) / settings.log_every + 1,
          step / sampler.steps_per_epoch()};
}

}  // namespace

RunData::RunData(Split split, Dataset test, double load_seconds, ModelInput input)
    : split_(std::move(split)),
      test_(std::move(test)),
      load_seconds_(load_seconds),
      input_(std::move(input)) {}

std::uint64_t RunData::training_hash() const {
  std::call_once(hashed_, [&] { hash_ = hash_of(split_.training); });
  return hash_;
}

std::optional<RunResult> run_training(RunDirectory& run, const TrainSettings& settings,
                                      const RunData& data, ThreadPool& pool,
                                      RunObserver& observer) {
  const Dataset& training = data.training();
  Network network = make_network(settings, training);
  network.set_input(data.input());
  const std::size_t steps = total_steps(settings, training.rows());
  const std::optional<Checkpoint> checkpoint = checkpoint_of(run, data);
  const std::size_t first_step = checkpoint ? checkpoint->steps : 0;
  const bool bits_may_differ = checkpoint && checkpoint->format < Checkpoint::kFormat;
  observer.on_start({network, steps, first_step, pool.size(), bits_may_differ});
  Recorder recorder(run, settings, data, recorded_at(first_step, settings, training.rows()),
                    observer);
  const auto start = Clock::now();
  std::optional<TrainOutcome> trained;
  try {
    trained = train(network, settings, training, data.validation(), pool, recorder,
                    checkpoint ? &*checkpoint : nullptr);
  } catch (const Error& error) {
    if (error.code() == ExitCode::kDiverged) {
      const std::chrono::duration<double> seconds = Clock::now() - start;
      run.collapse({recorder.step(), seconds.count() + (checkpoint ? checkpoint->train_seconds : 0),
                    error.what()});
    }
    throw;
  }
  if (!trained) return std::nullopt;
  const TrainOutcome& outcome = *trained;
  save_model(run.weights_path(), network);
  save_optimizer_state(run.optimizer_path(), outcome.optimizer);

  RunResult result;
  result.run = run.path().string();
  result.layers = to_string(network.layers());
  result.parameters = network.parameter_count();
  result.seed = settings.seed;
  result.threads = pool.size();
  result.steps = outcome.steps;
  result.epochs = outcome.epochs;
  result.kept_epoch = outcome.kept_epoch;
  result.load_seconds = data.load_seconds();
  result.train_seconds = outcome.train_seconds;
  result.samples_per_second = outcome.samples_per_second;
  result.train_loss = outcome.train_loss;
  result.validation_loss = outcome.validation_loss;
  result.validation_accuracy = outcome.validation_accuracy;
  if (data.test().rows() > 0) {
    const Metrics test = evaluate(network, data.test(), pool);
    result.test_accuracy = test.accuracy;
    result.test_error = test.error;
    result.test_loss = test.loss;
  }
  run.finish(result);
  return result;
}

}  // namespace mnist
