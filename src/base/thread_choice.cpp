#include "base/thread_choice.h"

#include <algorithm>

namespace mnist {
namespace {

// Runs are judged by the mean of so many, and those together by as many more as make up for a
// hiccup: a virtual machine may take a processor away for a millisecond though nobody here wants
// it.
constexpr std::size_t kWindow = 16;
constexpr double kWindowSeconds = 0.02;

// Running together is suspect where the mean is so many times the fastest run. Runs as short as
// these are always suspect: threads meet so often in them that one thread may be faster.
constexpr double kSuspect = 2;
constexpr double kShortRun = 2e-4;

// One thread has to be faster by so much, or the first runs of all threads, which find no cache
// filled, would lose.
constexpr double kWorthWhile = 0.9;

// What has won is kept so long, in seconds, before the other is tried again. All threads are tried
// soon at first, as what disturbed them may have passed, and half as often each time they lose.
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
