#include "base/futex.h"

#include <thread>

#include "catch.h"

namespace mnist {
namespace {

TEST_CASE("base: whoever sleeps on a number wakes when it has changed, and does not miss it") {
  std::atomic<std::uint32_t> value{0};
  std::atomic<int> awake{0};
  const auto sleeper = [&] {
    for (std::uint32_t seen = value; seen < 1000; seen = value) sleep_while(value, seen);
    ++awake;
  };
  std::thread first(sleeper);
  std::thread second(sleeper);
  for (int i = 0; i < 1000; ++i) {
    ++value;
    wake_all(value);
  }
  first.join();
  second.join();
  CHECK(awake == 2);
  sleep_while(value, 0);  // it is another number: no sleep
}

}  // namespace
}  // namespace mnist
