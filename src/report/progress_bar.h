// A progress bar on a terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

namespace mnist {

/// The contents of the line.
struct Progress {
  std::size_t step = 0;  // finished steps, at most `steps`
  std::size_t steps = 0;
  double loss = 0;  // smoothed
  double samples_per_second = 0;
  double seconds_left = 0;
};

/// The line: ASCII, at most `width` columns, without a line break. On a narrow terminal the bar is
/// dropped first.
std::string format_progress(const Progress& progress, std::size_t width);

/// A duration as "0:07", "12:34" or "3:25:00".
std::string format_duration(double seconds);

/// An exponential moving average with Adam's bias correction (Kingma and Ba 2015, section 3).
class SmoothedLoss {
 public:
  void add(double loss);
  /// 0 before the first value.
  double value() const;

 private:
  double sum_ = 0;
  double weight_ = 0;
};

/// Draws the line at most ten times per second; the destructor erases it.
class ProgressBar {
 public:
  /// `stream` is a terminal; it is not closed.
  ProgressBar(std::FILE* stream, std::size_t steps, std::size_t samples_per_step);
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Reports that `step` steps are done; `loss` is the smoothed loss.
  void update(std::size_t step, double loss);

  /// Erases the line, so that other text can be written. The next update draws it again.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  std::FILE* stream_;
  std::size_t steps_;
  std::size_t samples_per_step_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_draw_ = start_;
  bool drawn_ = false;
};

}  // namespace mnist
