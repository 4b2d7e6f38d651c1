#include "sweep/time_budget.h"

#include <vector>

#include "catch.h"

namespace mnist {
namespace {

TEST_CASE("sweep: rounds share the time, and each has a third of the trials of the one before") {
  for (const double seconds : {1.0, 100.0, 240.0, 1000.0, 1e5, 1e7}) {
    INFO(seconds);
    const std::vector<TimedRound> rounds = timed_rounds(seconds);
    double sum = 0;
    for (const TimedRound& round : rounds) sum += static_cast<double>(round.trials) * round.seconds;
    CHECK(sum == Approx(seconds));
    CHECK(rounds.back().trials == 3);
    for (std::size_t r = 1; r < rounds.size(); ++r) {
      CHECK(rounds[r - 1].trials == 3 * rounds[r].trials);
      CHECK(rounds[r].seconds == Approx(3 * rounds[r - 1].seconds));
    }
    CHECK((rounds.size() == 1 || rounds.front().seconds >= 10));
  }
  CHECK(timed_rounds(1).size() == 1);
  CHECK(timed_rounds(179).size() == 1);
  CHECK(timed_rounds(181).size() == 2);
  CHECK(timed_rounds(1e7).front().trials == 243);
}

TEST_CASE("sweep: steps follow from time and speed, within bounds") {
  CHECK(steps_within(10, 50, 20, 1000, 100) == 500);
  CHECK(steps_within(1000, 50, 20, 1000, 100) == 5000);  // 100 passes of 50 steps
  CHECK(steps_within(0.001, 50, 20, 1000, 100) == 1);
  CHECK(steps_within(10, 50, 2000, 1000, 3) == 3);
  CHECK(steps_within(10, 50, 20, 1000, 100, 700) == 700);
  CHECK(steps_within(-40, 50, 20, 1000, 100, 700) == 700);  // no time is left
  CHECK(steps_within(-40, 50, 20, 1000, 100) == 1);
}

TEST_CASE("sweep: a speed is measured in about the time that it is given") {
  Dataset data;
  data.shape = flat_shape(4);
  data.classes = 2;
  for (int row = 0; row < 40; ++row) {
    data.labels.push_back(row % 2);
    for (int i = 0; i < 4; ++i) data.pixels.push_back(static_cast<std::uint8_t>(row % 2 * 200));
  }
  TrainSettings settings;
  settings.layers = "3,relu";
  settings.batch_size = 10;
  settings.optimizer = with_defaults(settings.optimizer);
  ThreadPool pool(1);
  CHECK(measure_speed(settings, data, pool, 0.01) > 10);
}

}  // namespace
}  // namespace mnist
