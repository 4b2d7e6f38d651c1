#include "base/thread_choice.h"

#include <algorithm>

namespace mnist {
namespace {

// A decision needs the mean of kWindow runs. With all threads it also needs kWindowSeconds, so that
// one stall does not decide: a hypervisor may take a processor away for a millisecond.
constexpr std::size_t kWindow = 16;
constexpr double kWindowSeconds = 0.02;

// Try one thread alone if the mean exceeds the fastest run by this factor, or if the mean is
// shorter than kShortRun seconds: then barriers take a large part of the time.
constexpr double kSuspect = 2;
constexpr double kShortRun = 2e-4;

// One thread wins only below this part of the time of all threads. A plain comparison would favour
// it, because the first runs with all threads start with cold caches.
constexpr double kWorthWhile = 0.9;

// Seconds to keep the winner before the other way is tried again. All threads get another try soon,
// because the disturbance may have passed; the interval doubles each time they lose.
constexpr double kShortPatience = 0.1;
constexpr double kLongPatience = 1;

}  // namespace

void ThreadChoice::took(double seconds) {
  if (!alone()) fastest_ = fastest_ == 0 ? seconds : std::min(fastest_, seconds);
  window_seconds_ += seconds;
  phase_seconds_ += seconds;
  if (++window_runs_ < kWindow || (!alone() && window_seconds_ < kWindowSeconds)) return;
  const double mean = window_seconds_ / static_cast<double>(window_runs_);
  window_seconds_ = 0;
  window_runs_ = 0;
  const bool patient = other_mean_ > 0 && phase_seconds_ < patience_;
  switch (phase_) {
    case Phase::kTogether:
      if ((mean <= kSuspect * fastest_ && mean > kShortRun) || patient) return;
      other_mean_ = mean;
      return enter(Phase::kTryingAlone);
    case Phase::kTryingAlone:
      return settle(mean < kWorthWhile * other_mean_ ? Phase::kAlone : Phase::kTogether);
    case Phase::kAlone:
      if (patient) return;
      other_mean_ = mean;
      return enter(Phase::kTryingTogether);
    case Phase::kTryingTogether:
      return settle(kWorthWhile * mean < other_mean_ ? Phase::kTogether : Phase::kAlone);
  }
}

void ThreadChoice::settle(Phase winner) {
  if (winner == Phase::kTogether) {
    patience_ = kLongPatience;
  } else {
    patience_ = winner == settled_ ? std::min(2 * patience_, kLongPatience) : kShortPatience;
  }
  settled_ = winner;
  enter(winner);
}

void ThreadChoice::enter(Phase phase) {
  phase_ = phase;
  phase_seconds_ = 0;
}

}  // namespace mnist
