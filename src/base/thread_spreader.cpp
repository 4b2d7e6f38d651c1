#include "base/thread_spreader.h"

#include "base/platform.h"

#if MNIST_LINUX
#include <sched.h>
#endif

namespace mnist {

ThreadSpreader::ThreadSpreader(std::size_t threads) : processor_(threads) {
  for (auto& processor : processor_) processor.store(-1, std::memory_order_relaxed);
}

#if MNIST_LINUX

void ThreadSpreader::settle(std::size_t index, std::size_t task) {
  constexpr std::size_t kTasksBetweenLooks = 256;
  if (task % kTasksBetweenLooks != 1) return;
  const int here = sched_getcpu();
  processor_[index].store(here, std::memory_order_relaxed);
  const auto taken = [&](int processor) {
    for (std::size_t i = 0; i < index; ++i) {
      if (processor_[i].load(std::memory_order_relaxed) == processor) return true;
    }
    return false;
  };
  if (!taken(here)) return;
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (!CPU_ISSET(static_cast<std::size_t>(processor), &allowed) || taken(processor)) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(processor), &one);
    sched_setaffinity(0, sizeof one, &one);
    sched_setaffinity(0, sizeof allowed, &allowed);
    processor_[index].store(processor, std::memory_order_relaxed);
    return;
  }
}

#else

// Other systems do not tell a thread its processor, or do not let it choose one.
void ThreadSpreader::settle(std::size_t /*index*/, std::size_t /*task*/) {}

#endif

}  // namespace mnist
