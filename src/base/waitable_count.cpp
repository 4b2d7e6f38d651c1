#include "base/waitable_count.h"

#include <chrono>
#include <optional>

namespace mnist {
namespace {

// A thread spins this long before it sleeps: longer than a wake-up takes, even on a virtual machine
// (some 100 µs). If it were shorter, one late thread would send the others to sleep, their wake-up
// would send the next ones to sleep, and so on.
constexpr std::chrono::microseconds kSpinTime{300};

// Pause instructions between two readings of the clock; a few microseconds in all.
constexpr int kBurst = 64;

// After kVainSpins unsuccessful spins in a row, a thread spins for one burst only in its next
// kHastyWaits waits. On a busy machine the awaited thread may need the very core that the spinning
// thread occupies.
constexpr std::uint32_t kVainSpins = 8;
constexpr std::uint32_t kHastyWaits = 64;

/// Tells the processor that this is a spin loop.
void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  asm volatile("yield");
#endif
}

}  // namespace

void WaitableCount::await(std::uint32_t target, bool spin, SpinPatience& patience) {
  if (spin && spin_until(target, patience)) return;
  for (;;) {
    const std::uint32_t seen = value_.load(std::memory_order_acquire);
    if (has_come(seen, target)) return;
    ++sleepers_;
    sleep_while(value_, seen);
    --sleepers_;
  }
}

bool WaitableCount::spin_until(std::uint32_t target, SpinPatience& patience) const {
  using Clock = std::chrono::steady_clock;
  std::optional<Clock::time_point> deadline;
  for (;;) {
    for (int i = 0; i < kBurst; ++i) {
      if (has_come_to(target)) {
        patience.vain_spins = 0;
        return true;
      }
      pause();
    }
    if (patience.hasty_waits > 0) {
      --patience.hasty_waits;
      return false;
    }
    const Clock::time_point now = Clock::now();
    if (!deadline) deadline = now + kSpinTime;
    if (now >= *deadline) {
      if (++patience.vain_spins == kVainSpins) patience = {0, kHastyWaits};
      return false;
    }
  }
}

}  // namespace mnist
