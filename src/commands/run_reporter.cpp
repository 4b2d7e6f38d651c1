#include "commands/run_reporter.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/output.h"
#include "cli/stop_signal.h"

namespace mnist {
namespace {

// The number of progress lines in a run whose length is given in steps.
constexpr std::size_t kProgressLines = 10;

// The log level of progress lines; the sink for the terminal can filter it.
constexpr auto kProgressLevel = spdlog::level::debug;

// The log of a run. A failed write ends the run, like that of any other file.
class LogFile : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit LogFile(const std::filesystem::path& path)
      : path_(path), file_(open_file(path, O_WRONLY | O_CREAT | O_APPEND)) {
    if (!file_.opened()) fail_to("write", path_, errno);
    set_formatter(std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%SZ %v",
                                                              spdlog::pattern_time_type::utc));
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (const int error = write_all(file_.get(), std::string_view(line.data(), line.size()))) {
      fail_to("write", path_, error);
    }
  }
  void flush_() override {}

  std::filesystem::path path_;
  Descriptor file_;
};

// Standard error; write errors are ignored.
class Terminal : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
  void sink_it_(const spdlog::details::log_msg& message) override {
    tell({message.payload.data(), message.payload.size()});
  }
  void flush_() override {}
};

}  // namespace

RunReporter::RunReporter(const RunDirectory& run, const TrainSettings& settings, bool quiet,
                         std::size_t report_every)
    : settings_(settings),
      bar_wanted_(!quiet && is_terminal(stderr)),
      report_every_(report_every),
      log_("mnist") {
  log_.sinks().push_back(std::make_shared<LogFile>(run.log_path()));
  if (!quiet) {
    auto terminal = std::make_shared<Terminal>();
    terminal->set_level(bar_wanted_ ? spdlog::level::info : kProgressLevel);
    log_.sinks().push_back(terminal);
  }
  log_.set_level(kProgressLevel);
  log_.set_error_handler(
      [](const std::string& message) { throw Error(ExitCode::kFailure, message); });
}

void RunReporter::say(const std::string& line) { log_.info("{}", line); }

void RunReporter::on_start(const RunStart& start) {
  if (start.first_step > 0) say(fmt::format("going on after step {}", start.first_step));
  if (start.bits_may_differ) {
    say("the checkpoint is of an earlier version: from here on the weights may differ in their "
        "last bits from those that it would have come to");
  }
  say(fmt::format("network {}, {} parameters; {} steps on {} threads",
                  to_string(start.network.layers()), start.network.parameter_count(), start.steps,
                  start.threads));
  steps_ = start.steps;
  done_before_ = start.first_step;
  start_ = std::chrono::steady_clock::now();
  if (bar_wanted_) bar_.emplace(stderr, steps_, settings_.batch_size);
  watch_stop_signals();
}

void RunReporter::on_step(const StepRecord& record) {
  step_ = record.step;
  loss_.add(static_cast<double>(record.loss));
  if (bar_) bar_->update(record.step, loss_.value());
  const std::size_t tenth = record.step * kProgressLines / steps_;
  const std::size_t tenth_before = (record.step - 1) * kProgressLines / steps_;
  if (!settings_.epochs && tenth != tenth_before) say_progress(record);
}

void RunReporter::say_progress(const StepRecord& record) {
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
  log_.log(
      kProgressLevel, "step {}/{}  loss {:.4f}  learning rate {:.3g}  {:.0f} samples/s",
      record.step, steps_, loss_.value(), record.learning_rate,
      static_cast<double>((record.step - done_before_) * settings_.batch_size) / seconds.count());
}

void RunReporter::on_epoch(const EpochRecord& record) {
  if (!settings_.epochs) return;
  std::string line =
      fmt::format("epoch {}/{}  loss {:.4f}", record.epoch, *settings_.epochs, record.train_loss);
  if (record.validation_accuracy) {
    line += fmt::format("  validation accuracy {:.2f} %", 100 * *record.validation_accuracy);
  }
  log_.log(kProgressLevel, "{}  {:.1f} s", line, record.seconds);
}

bool RunReporter::wants_validation(std::size_t step, bool epoch_ends) {
  return epoch_ends || reports(step);
}

void RunReporter::on_validation(const ValidationRecord& record) {
  if (!reports(record.step) || output_failure_) return;
  try {
    write_json({{"step", record.step},
                {"validation_loss", record.loss},
                {"validation_accuracy", record.accuracy}},
               JsonForm::kLine);
  } catch (const OutputClosed&) {
    output_failure_ = "nobody reads standard output any more";
  } catch (const Error& error) {
    output_failure_ = error.what();
  }
}

bool RunReporter::wants_to_stop() { return stop_requested() || output_failure_; }

void RunReporter::end() { bar_.reset(); }

void RunReporter::on_failure(const std::string& message) {
  bar_.reset();
  const auto& file = log_.sinks().front();
  try {
    file->log({log_.name(), spdlog::level::err, message});
    file->flush();
  } catch (const Error&) {
    // Writing the log may fail for the same reason, e.g. a full disk; report the first error.
  }
}

}  // namespace mnist
