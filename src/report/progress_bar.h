// A line on a terminal that shows how far a long job is.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

namespace mnist {

/// What the line says.
struct Progress {
  std::size_t step = 0;  // done, at most `steps`
  std::size_t steps = 0;
  double loss = 0;  // smoothed
  double samples_per_second = 0;
  double seconds_left = 0;
};

/// The line, at most `width` columns of ASCII and without a line break. The bar gives way first
/// where the terminal is narrow.
std::string format_progress(const Progress& progress, std::size_t width);

/// "0:07", "12:34", "3:25:00".
std::string format_duration(double seconds);

/// An exponential moving average without a bias towards its start: Adam's correction (Kingma and
/// Ba 2015, section 3).
class SmoothedLoss {
 public:
  void add(double loss);
  /// 0 before the first value.
  double value() const;

 private:
  double sum_ = 0;
  double weight_ = 0;
};

/// Draws the line at most ten times a second and takes it away at its end.
class ProgressBar {
 public:
  /// `stream` is a terminal; it stays open.
  ProgressBar(std::FILE* stream, std::size_t steps, std::size_t samples_per_step);
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// `step` steps are done, the last one with a smoothed loss of `loss`.
  void update(std::size_t step, double loss);

  /// Takes the line off the terminal, so that another can be written; the next update draws it
  /// again.
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
