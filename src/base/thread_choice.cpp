#include "base/thread_choice.h"

#include <algorithm>

namespace mnist {
namespace {

// Runs are judged by the mean of so many.
constexpr std::size_t kWindow = 16;

// Running together is suspect where the mean is so many times the fastest run.
constexpr double kSuspect = 2;

// What has won is kept so long, in seconds, before the other is tried again.
constexpr double kPatience = 1;

}  // namespace

void ThreadChoice::took(double seconds) {
  if (!alone()) fastest_ = fastest_ == 0 ? seconds : std::min(fastest_, seconds);
  window_seconds_ += seconds;
  phase_seconds_ += seconds;
  if (++window_runs_ < kWindow) return;
  const double mean = window_seconds_ / kWindow;
  window_seconds_ = 0;
  window_runs_ = 0;
  const bool patient = other_mean_ > 0 && phase_seconds_ < kPatience;
  switch (phase_) {
    case Phase::kTogether:
      if (mean <= kSuspect * fastest_ || patient) return;
      other_mean_ = mean;
      return enter(Phase::kTryingAlone);
    case Phase::kTryingAlone:
      return enter(mean < other_mean_ ? Phase::kAlone : Phase::kTogether);
    case Phase::kAlone:
      if (patient) return;
      other_mean_ = mean;
      return enter(Phase::kTryingTogether);
    case Phase::kTryingTogether:
      return enter(mean < other_mean_ ? Phase::kTogether : Phase::kAlone);
  }
}

void ThreadChoice::enter(Phase phase) {
  phase_ = phase;
  phase_seconds_ = 0;
}

}  // namespace mnist
