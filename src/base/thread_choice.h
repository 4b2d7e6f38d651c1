// Whether a task that is repeated many times is run by all threads of a pool or by one. Threads
// that meet every few microseconds are fast on a machine of their own; on a busy one each meeting
// may wait for a thread that stands in line for a processor, and one thread alone is many times
// faster. It may also be where a virtual machine's processors lie far apart, so that each line of
// memory takes long from one to the other.
#pragma once

#include <cstddef>

namespace mnist {

class ThreadChoice {
 public:
  /// How the next run of the task is to go.
  bool alone() const { return phase_ == Phase::kAlone || phase_ == Phase::kTryingAlone; }

  /// Tells how long that run took. Runs are comparable: each does the same work.
  void took(double seconds);

 private:
  enum class Phase { kTogether, kTryingAlone, kAlone, kTryingTogether };

  void enter(Phase phase);
  void settle(Phase winner);

  Phase phase_ = Phase::kTogether;
  Phase settled_ = Phase::kTogether;  // what won the last trial
  double fastest_ = 0;                // of all runs together; 0: none yet
  double other_mean_ = 0;             // of the way that a trial is compared with
  double window_seconds_ = 0;
  std::size_t window_runs_ = 0;
  double phase_seconds_ = 0;
  double patience_ = 0;  // seconds until the next trial
};

}  // namespace mnist
