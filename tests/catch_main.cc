// Catch2 2 only: the test program's main. It exits with 4 where all its tests were skipped, as
// Catch2 3 does.
#define CATCH_CONFIG_RUNNER
#include "catch.h"

namespace {

std::size_t ended = 0;
std::size_t skipped = 0;

struct SkipCounter : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;

  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    ++ended;
    skipped += std::exchange(mnist::test_is_skipped, false);
    TestEventListenerBase::testCaseEnded(stats);
  }
};
CATCH_REGISTER_LISTENER(SkipCounter)

}  // namespace

int main(int argc, char** argv) {
  constexpr int kAllSkipped = 4;
  const int result = Catch::Session().run(argc, argv);
  return result == 0 && ended > 0 && skipped == ended ? kAllSkipped : result;
}
