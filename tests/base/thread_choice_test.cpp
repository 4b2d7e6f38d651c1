#include "base/thread_choice.h"

#include <functional>

#include "catch.h"

namespace mnist {
namespace {

struct Machine {
  double together;  // seconds of a run
  double alone;
  double lucky = 0;   // every tenth run together takes this
  double hiccup = 0;  // and every thousandth this
  ThreadChoice choice{};
  double clock = 0;

  // The part of the runs that one thread made within so many seconds.
  double share_alone(double seconds) {
    std::size_t runs = 0;
    std::size_t runs_alone = 0;
    for (const double end = clock + seconds; clock < end; ++runs) {
      const bool by_one = choice.alone();
      double took = by_one ? alone : lucky > 0 && runs % 10 == 0 ? lucky : together;
      if (!by_one && hiccup > 0 && runs % 1000 == 0) took = hiccup;
      choice.took(took);
      clock += took;
      runs_alone += by_one ? 1U : 0U;
    }
    return static_cast<double>(runs_alone) / static_cast<double>(runs);
  }
};

TEST_CASE("base: all threads run a task whose runs take equally long") {
  Machine machine{.together = 50e-6, .alone = 80e-6};
  CHECK(machine.share_alone(2) < 0.01);
  Machine slow{.together = 0.1, .alone = 0.19};
  CHECK(slow.share_alone(60) == 0);
}

TEST_CASE("base: a hiccup now and then does not keep the threads from running together") {
  Machine machine{.together = 50e-6, .alone = 80e-6, .hiccup = 5e-3};
  CHECK(machine.share_alone(2) < 0.01);
}

TEST_CASE("base: one thread goes on alone where the others are slower from the first run on") {
  Machine machine{.together = 95e-6, .alone = 51e-6};
  CHECK(machine.share_alone(5) > 0.95);
  machine.together = 40e-6;  // the machine's processors are close to each other again
  machine.share_alone(2);
  CHECK(machine.share_alone(2) < 0.01);
}

TEST_CASE("base: one thread goes on alone while threads that wait for each other are slower") {
  Machine machine{.together = 2e-3, .alone = 80e-6, .lucky = 60e-6};
  CHECK(machine.share_alone(5) > 0.95);
  machine.together = 50e-6;  // the machine is free again
  machine.lucky = 0;
  machine.share_alone(2);
  CHECK(machine.share_alone(2) < 0.01);
}

TEST_CASE("base: all threads are soon together again after a short disturbance") {
  Machine machine{.together = 2e-3, .alone = 80e-6, .lucky = 60e-6};
  machine.share_alone(0.1);
  machine.together = 50e-6;
  machine.lucky = 0;
  machine.share_alone(0.2);
  CHECK(machine.share_alone(2) < 0.01);
}

TEST_CASE("base: all threads go on where they are slowed down but still faster than one") {
  Machine machine{.together = 150e-6, .alone = 300e-6, .lucky = 50e-6};
  CHECK(machine.share_alone(5) < 0.01);
}

}  // namespace
}  // namespace mnist
