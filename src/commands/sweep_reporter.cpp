#include "commands/sweep_reporter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/text.h"
#include "cli/output.h"
#include "cli/stop_signal.h"
#include "commands/run_reporter.h"
#include "report/progress_bar.h"
#include "report/terminal.h"

namespace mnist {
namespace {

// "97.31 %", "0.0912".
std::string metric_text(Metric metric, double value) {
  return metric == Metric::kValidationAccuracy ? fmt::format("{:.2f} %", 100 * value)
                                               : fmt::format("{:.4f}", value);
}

// Appends a line for the best trial and its parameters, with more lines if it is too long.
void append_best(std::vector<std::string>& lines, const SweepProgress& progress, Metric metric,
                 std::size_t width) {
  lines.push_back(
      fmt::format("best    {}  {}", metric_text(metric, progress.best_mean), progress.best->id));
  for (const auto& [name, value] : progress.best->point) {
    const std::string text = fmt::format("  {}={}", name, value);
    if (lines.back().size() + text.size() > width) lines.push_back("      ");
    lines.back() += text;
  }
}

double share_done(const SweepProgress& progress) {
  return progress.steps > 0 ? std::min(progress.steps_done / progress.steps, 1.0) : 1.0;
}

}  // namespace

std::vector<std::string> format_sweep_progress(const SweepProgress& progress, Metric metric,
                                               double seconds, std::size_t width) {
  std::string time = "";
  if (progress.steps_made > 0) {
    const double left = std::max(progress.steps - progress.steps_done, 0.0);
    time = fmt::format(", {} left", format_duration(left * seconds / progress.steps_made));
  }
  std::string trials = fmt::format("trials  {} of {} done", progress.done, progress.trials);
  if (progress.collapsed > 0) trials += fmt::format(", {} collapsed", progress.collapsed);
  std::vector<std::string> lines = {
      trials, fmt::format("steps   {:.0f} of {:.0f} ({:.0f} %){}", progress.steps_done,
                          progress.steps, std::floor(100 * share_done(progress)), time)};
  if (progress.best != nullptr) append_best(lines, progress, metric, width);
  for (std::string& line : lines) line.resize(std::min(line.size(), width));
  return lines;
}

SweepReporter::SweepReporter(Metric metric, bool quiet)
    : metric_(metric), quiet_(quiet), on_terminal_(!quiet && is_terminal(stderr)) {}

void SweepReporter::say(const std::string& line) const {
  if (!quiet_) tell(line);
}

std::unique_ptr<RunObserver> SweepReporter::observe(const RunDirectory& run,
                                                    const TrainSettings& settings) {
  return std::make_unique<RunReporter>(run, settings, /*quiet=*/true);
}

bool SweepReporter::wants_to_stop() { return stop_requested(); }

void SweepReporter::on_progress(const SweepProgress& progress) {
  progress_ = progress;
  if (quiet_) return;
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
  if (on_terminal_) {
    // Leave the last column free: some terminals wrap as soon as it is written.
    const std::size_t width = terminal_width(stderr) - 1;
    clear();
    const auto lines = format_sweep_progress(progress, metric_, seconds.count(), width);
    tell_drawing(printable(fmt::format("{}\n", fmt::join(lines, "\n"))));
    lines_drawn_ = lines.size();
    return;
  }
  // Print the last tenth only when all trials are done: steps are counted a moment before trials.
  const int most = progress.done == progress.trials ? 10 : 9;
  const int tenths = std::min(static_cast<int>(10 * share_done(progress)), most);
  if (tenths <= tenths_told_) return;
  tenths_told_ = tenths;
  const auto lines = format_sweep_progress(progress, metric_, seconds.count(), std::string::npos);
  say(fmt::format("{}", fmt::join(lines, "; ")));
}

void SweepReporter::clear() {
  if (lines_drawn_ == 0) return;
  tell_drawing(fmt::format("\033[{}A\r\033[J", lines_drawn_));  // cursor up, then erase below
  lines_drawn_ = 0;
}

}  // namespace mnist
