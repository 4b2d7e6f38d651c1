#include "base/waitable_count.h"

#include <chrono>
#include <optional>

namespace mnist {
namespace {

// How long a thread waits at full attention before it sleeps: longer than waking a thread takes,
// also on a virtual machine (some 100 µs). Were it shorter, one late thread would make the next
// wait in vain for it, and so on without end.
constexpr std::chrono::microseconds kSpinTime{300};

// Pauses between two readings of the clock, a few microseconds in all.
constexpr int kBurst = 64;

// After spinning in vain so many times in a row, a thread spins for a mere burst that many times.
// On a busy machine the awaited thread may well stand in line for the very core that a spinning one
// keeps from it.
constexpr std::uint32_t kVainSpins = 8;
constexpr std::uint32_t kHastyWaits = 64;

/// Tells the processor that this is a spinning loop.
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
