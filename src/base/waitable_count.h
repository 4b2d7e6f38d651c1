// A number that threads wait for: at full attention first, then asleep.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/futex.h"

namespace mnist {

/// A thread's memory of waiting for others in vain.
struct SpinPatience {
  std::uint32_t vain_spins = 0;   // in a row
  std::uint32_t hasty_waits = 0;  // still to come
};

/// A count that grows, and wraps around; threads wait until it has grown far enough.
class WaitableCount {
 public:
  /// Adds one; what this thread wrote before is seen by those who wait for the new value.
  std::uint32_t increment() { return ++value_; }

  /// Wakes those who sleep. Whoever makes true what others wait for calls it.
  void wake_all() {
    // The order of increment() before this reading, and in await() the other way round, is the
    // single one of memory_order_seq_cst: no sleeper is missed.
    if (sleepers_ > 0) mnist::wake_all(value_);
  }

  bool has_come_to(std::uint32_t target) const {
    return has_come(value_.load(std::memory_order_acquire), target);
  }

  /// Returns once the count has come to `target`; `patience` is the waiting thread's own. Without
  /// `spin` the thread sleeps at once.
  void await(std::uint32_t target, bool spin, SpinPatience& patience);

 private:
  static bool has_come(std::uint32_t value, std::uint32_t target) {
    return static_cast<std::int32_t>(value - target) >= 0;
  }

  /// False where it is time to sleep.
  bool spin_until(std::uint32_t target, SpinPatience& patience) const;

  std::atomic<std::uint32_t> value_{0};
  std::atomic<std::uint32_t> sleepers_{0};
};

}  // namespace mnist
