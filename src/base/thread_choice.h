// Chooses, by measuring, whether all threads of a pool or one thread run a repeated task. Threads
// that meet at a barrier every few microseconds are fast on an idle machine. On a busy one a
// barrier may wait for a thread that the scheduler has descheduled, and one thread is many times
// faster. The same can hold on a virtual machine whose processors exchange cache lines slowly.
#pragma once

#include <cstddef>

namespace mnist {

class ThreadChoice {
 public:
  /// Whether one thread alone should execute the next run.
  bool alone() const { return phase_ == Phase::kAlone || phase_ == Phase::kTryingAlone; }

  /// Reports the duration of that run. All runs must do the same amount of work.
  void took(double seconds);

 private:
  enum class Phase { kTogether, kTryingAlone, kAlone, kTryingTogether };

  void enter(Phase phase);
  void settle(Phase winner);

  Phase phase_ = Phase::kTogether;
  Phase settled_ = Phase::kTogether;  // the winner of the last trial
  double fastest_ = 0;                // seconds of the fastest run with all threads; 0: none yet
  double other_mean_ = 0;             // mean seconds of the way that a trial competes with
  double window_seconds_ = 0;
  std::size_t window_runs_ = 0;
  double phase_seconds_ = 0;
  double patience_ = 0;  // seconds until the next trial
};

}  // namespace mnist
