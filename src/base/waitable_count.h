// A count that threads wait for: they spin first, then sleep.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/futex.h"

namespace mnist {

/// A thread's record of unsuccessful spins, which shortens its next ones.
struct SpinPatience {
  std::uint32_t vain_spins = 0;   // in a row
  std::uint32_t hasty_waits = 0;  // short waits still to come
};

/// A count that grows, and wraps around; threads wait until it has grown far enough.
class WaitableCount {
 public:
  /// Adds one. Threads that wait for the new value see what this thread wrote before.
  std::uint32_t increment() { return ++value_; }

  /// Wakes all sleepers. The thread whose increment completes the awaited count calls it.
  void wake_all() {
    // increment() writes value_ and then reads sleepers_; await() writes sleepers_ and then reads
    // value_. Both are seq_cst, so at least one of them sees the other, and no sleeper is missed.
    if (sleepers_ > 0) mnist::wake_all(value_);
  }

  bool has_come_to(std::uint32_t target) const {
    return has_come(value_.load(std::memory_order_acquire), target);
  }

  /// Returns once the count has reached `target`. `patience` belongs to the waiting thread. Without
  /// `spin` the thread sleeps at once.
  void await(std::uint32_t target, bool spin, SpinPatience& patience);

 private:
  static bool has_come(std::uint32_t value, std::uint32_t target) {
    return static_cast<std::int32_t>(value - target) >= 0;
  }

  /// Returns false when it is time to sleep.
  bool spin_until(std::uint32_t target, SpinPatience& patience) const;

  std::atomic<std::uint32_t> value_{0};
  std::atomic<std::uint32_t> sleepers_{0};
};

}  // namespace mnist
