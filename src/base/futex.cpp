#include "base/futex.h"

#include "base/platform.h"

#if MNIST_LINUX
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <limits>
#endif

namespace mnist {

#if MNIST_LINUX

// The raw system call, because std::atomic::wait calls sched_yield first, which costs a whole time
// slice per wait on a busy machine.
namespace {

void futex(std::atomic<std::uint32_t>& value, int operation, std::uint32_t argument) {
  static_assert(sizeof value == sizeof(std::uint32_t));
  syscall(SYS_futex, &value, operation, argument, nullptr, nullptr, 0);
}

}  // namespace

void sleep_while(std::atomic<std::uint32_t>& value, std::uint32_t seen) {
  futex(value, FUTEX_WAIT_PRIVATE, seen);
}

void wake_all(std::atomic<std::uint32_t>& value) {
  futex(value, FUTEX_WAKE_PRIVATE, std::numeric_limits<int>::max());
}

#else

void sleep_while(std::atomic<std::uint32_t>& value, std::uint32_t seen) { value.wait(seen); }

void wake_all(std::atomic<std::uint32_t>& value) { value.notify_all(); }

#endif

}  // namespace mnist
