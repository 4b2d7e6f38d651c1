#include "report/progress_bar.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/terminal.h"

namespace mnist {
namespace {

constexpr std::size_t kWidestBar = 40;
constexpr std::size_t kNarrowestBar = 5;
constexpr double kSmoothing = 0.98;  // averages over about 50 steps
constexpr std::chrono::milliseconds kRedraw{100};

}  // namespace

std::string format_duration(double seconds) {
  const auto total = static_cast<long long>(std::llround(std::max(seconds, 0.0)));
  const long long hours = total / 3600;
  const long long minutes = total / 60 % 60;
  return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, total % 60)
                   : fmt::format("{}:{:02}", minutes, total % 60);
}

std::string format_progress(const Progress& progress, std::size_t width) {
  const double share = progress.steps == 0 ? 1.0
                                           : static_cast<double>(progress.step) /
                                                 static_cast<double>(progress.steps);
  const std::string text =
      fmt::format("{:3.0f} %  step {}/{}  loss {:.4f}  {:.0f} samples/s  {} left",
                  std::floor(100 * share), progress.step, progress.steps, progress.loss,
                  progress.samples_per_second, format_duration(progress.seconds_left));
  constexpr std::size_t kFrame = 3;  // brackets and a blank
  if (width < text.size() + kFrame + kNarrowestBar) return text.substr(0, width);
  const std::size_t bar = std::min(width - text.size() - kFrame, kWidestBar);
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(bar));
  return fmt::format("[{}{}] {}", std::string(filled, '#'), std::string(bar - filled, '.'), text);
}

void SmoothedLoss::add(double loss) {
  sum_ = kSmoothing * sum_ + (1 - kSmoothing) * loss;
  weight_ = kSmoothing * weight_ + (1 - kSmoothing);
}

double SmoothedLoss::value() const { return weight_ == 0 ? 0 : sum_ / weight_; }

ProgressBar::ProgressBar(std::FILE* stream, std::size_t steps, std::size_t samples_per_step)
    : stream_(stream), steps_(steps), samples_per_step_(samples_per_step) {}

void ProgressBar::update(std::size_t step, double loss) {
  const auto now = Clock::now();
  if (now < next_draw_ || step == 0) return;
  next_draw_ = now + kRedraw;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double steps_per_second = seconds > 0 ? static_cast<double>(step) / seconds : 0;
  const auto left = static_cast<double>(steps_ - std::min(step, steps_));
  const Progress progress{
      .step = step,
      .steps = steps_,
      .loss = loss,
      .samples_per_second = steps_per_second * static_cast<double>(samples_per_step_),
      .seconds_left = steps_per_second > 0 ? left / steps_per_second : 0};
  // Leave the last column free: some terminals wrap as soon as it is written.
  const std::string line = format_progress(progress, terminal_width(stream_) - 1);
  std::fprintf(stream_, "\r%s\033[K", line.c_str());
  std::fflush(stream_);
  drawn_ = true;
}

void ProgressBar::clear() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stream_);
  std::fflush(stream_);
  drawn_ = false;
}

}  // namespace mnist
