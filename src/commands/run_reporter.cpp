#include "commands/run_reporter.h"

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>

#include "commands/output.h"

namespace mnist {
namespace {

// Without epochs in the settings, progress is told this often.
constexpr std::size_t kProgressLines = 10;

// What lines about progress are logged as, so that standard error can leave them out.
constexpr auto kProgressLevel = spdlog::level::debug;

}  // namespace

RunReporter::RunReporter(RunDirectory& run, const TrainSettings& settings, bool quiet)
    : run_(run), settings_(settings), bar_wanted_(!quiet && is_terminal(stderr)), log_("mnist") {
  auto file = std::make_shared<spdlog::sinks::basic_file_sink_st>(run.log_path().string());
  file->set_pattern("%Y-%m-%d %H:%M:%S %v");
  log_.sinks().push_back(file);
  if (!quiet) {
    auto terminal = std::make_shared<spdlog::sinks::stderr_sink_st>();
    terminal->set_pattern("%v");
    terminal->set_level(bar_wanted_ ? spdlog::level::info : kProgressLevel);
    log_.sinks().push_back(terminal);
  }
  log_.set_level(kProgressLevel);
  log_.flush_on(kProgressLevel);
}

void RunReporter::say(const std::string& line) { log_.info("{}", line); }

void RunReporter::begin(std::size_t steps) {
  steps_ = steps;
  start_ = std::chrono::steady_clock::now();
  if (bar_wanted_) bar_.emplace(stderr, steps, settings_.batch_size);
}

void RunReporter::on_step(const StepRecord& record) {
  // Only now is it certain that the settings make sense.
  if (!run_.started()) run_.start();
  if ((record.step - 1) % settings_.log_every == 0) run_.record(record);
  loss_.add(static_cast<double>(record.loss));
  if (bar_) bar_->update(record.step, loss_.value());
  const std::size_t tenth = record.step * kProgressLines / steps_;
  const std::size_t tenth_before = (record.step - 1) * kProgressLines / steps_;
  if (!settings_.epochs && tenth != tenth_before) say_progress(record);
}

void RunReporter::say_progress(const StepRecord& record) {
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
  log_.log(kProgressLevel, "step {}/{}  loss {:.4f}  learning rate {:.3g}  {:.0f} samples/s",
           record.step, steps_, loss_.value(), record.learning_rate,
           static_cast<double>(record.step * settings_.batch_size) / seconds.count());
}

void RunReporter::on_epoch(const EpochRecord& record) {
  run_.record(record);
  if (!settings_.epochs) return;
  std::string line =
      fmt::format("epoch {}/{}  loss {:.4f}", record.epoch, *settings_.epochs, record.train_loss);
  if (record.validation_accuracy) {
    line += fmt::format("  validation accuracy {:.2f} %", 100 * *record.validation_accuracy);
  }
  log_.log(kProgressLevel, "{}  {:.1f} s", line, record.seconds);
}

void RunReporter::end() {
  bar_.reset();
  run_.flush();
}

void RunReporter::note_failure(const std::string& message) {
  bar_.reset();
  const auto& file = log_.sinks().front();
  file->log({log_.name(), spdlog::level::err, message});
  file->flush();
}

}  // namespace mnist
