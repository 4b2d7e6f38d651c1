#include "base/thread_spreader.h"

#include "base/platform.h"
#include "catch.h"

#if MNIST_LINUX  // elsewhere threads are left where they are
#include <sched.h>

#include <thread>

#include "base/available_cores.h"

namespace mnist {
namespace {

cpu_set_t affinity() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  REQUIRE(sched_getaffinity(0, sizeof mask, &mask) == 0);
  return mask;
}

TEST_CASE("base: a thread leaves the processor of one of lower index and is not bound after") {
  if (available_cores() < 2) {
    skip_test("needs two processors");
    return;
  }
  const cpu_set_t before = affinity();
  // The system may move threads at any moment, above all on a busy machine.
  constexpr int kTimes = 20;
  int moved = 0;
  for (int i = 0; i < kTimes; ++i) {
    ThreadSpreader spreader(2);
    spreader.settle(0, 1);
    const int first = sched_getcpu();
    int second = first;
    cpu_set_t after;
    std::thread([&] {
      cpu_set_t one;
      CPU_ZERO(&one);
      CPU_SET(static_cast<std::size_t>(first), &one);
      sched_setaffinity(0, sizeof one, &one);  // onto the same processor
      sched_setaffinity(0, sizeof before, &before);
      spreader.settle(1, 1);
      second = sched_getcpu();
      CPU_ZERO(&after);
      sched_getaffinity(0, sizeof after, &after);
    }).join();
    moved += second != first;
    CHECK(CPU_EQUAL(&before, &after));
  }
  CHECK(moved > kTimes / 2);
}

}  // namespace
}  // namespace mnist
#endif
