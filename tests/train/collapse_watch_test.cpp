#include "train/collapse_watch.h"

#include <cmath>
#include <string>

#include "base/error.h"
#include "catch.h"

namespace mnist {
namespace {

TEST_CASE("train: a loss that is not finite ends training and names step and rate") {
  CollapseWatch watch(0.5F, LayerKind::kSoftmax);
  const std::vector<float> p{0.1F, 0.9F};
  watch.check(1, 2.0F, {p.data(), 1, 2, 2});
  for (const float loss : {NAN, INFINITY}) {
    try {
      watch.check(7, loss, {p.data(), 1, 2, 2});
      FAIL("not noticed");
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kDiverged);
      CHECK_THAT(error.what(), contains("step 7") && contains("0.5"));
    }
  }
}

// The step at which a watch calls a network dead that gives `p` for every batch; 0 for never.
std::size_t called_dead_at(const std::vector<float>& p, std::size_t columns, bool flicker) {
  CollapseWatch watch(0.5F, LayerKind::kSoftmax);
  for (std::size_t step = 1; step <= 2000; ++step) {
    std::vector<float> now = p;
    if (flicker && step % 400 == 0) now[0] += 0.01F;
    try {
      watch.check(step, 2.3F, {now.data(), now.size() / columns, columns, columns});
    } catch (const Error&) {
      return step;
    }
  }
  return 0;
}

TEST_CASE("train: a network whose outputs are alike for every image over many steps is dead") {
  CHECK(called_dead_at({0.5F, 0.5F, 0.5F, 0.5F}, 2, false) == 500);
  CHECK(called_dead_at({0.5F, 0.5F}, 2, false) == 500);  // batches of one row
  CHECK(called_dead_at({0.5F, 0.5F, 0.50001F, 0.49999F}, 2, false) == 0);
  CHECK(called_dead_at({0.5F, 0.5F, 0.5F, 0.5F}, 2, true) == 0);
}

}  // namespace
}  // namespace mnist
