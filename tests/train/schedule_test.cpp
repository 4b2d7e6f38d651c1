#include "train/schedule.h"

#include <vector>

#include "base/error.h"
#include "catch.h"

namespace mnist {
namespace {

std::vector<float> rates(const ScheduleSettings& settings, std::size_t steps) {
  const Schedule schedule(settings, 0.4, steps);
  std::vector<float> all;
  for (std::size_t step = 0; step < steps; ++step) all.push_back(schedule.at(step));
  return all;
}

void check_near(const std::vector<float>& actual, const std::vector<double>& expected) {
  REQUIRE(actual.size() == expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    INFO("step " << i);
    CHECK(static_cast<double>(actual[i]) == Approx(expected[i]).epsilon(1e-5).margin(1e-9));
  }
}

// The expected rates are those of torch.optim.lr_scheduler (1.13) from a rate of 0.4.
TEST_CASE("train: schedules follow PyTorch's") {
  check_near(rates({ScheduleKind::kCosine}, 10),
             {0.4, 0.3902113, 0.3618034, 0.31755705, 0.2618034, 0.2, 0.1381966, 0.08244295,
              0.038196601, 0.0097886967});
  check_near(rates({ScheduleKind::kOneCycle}, 10),
             {0.016, 0.208, 0.4, 0.38019385, 0.32469826, 0.24450481, 0.15549679, 0.075303338,
              0.019807747, 1.6e-06});
  check_near(rates({ScheduleKind::kStep, 0, 0.5, 4}, 10),
             {0.4, 0.4, 0.4, 0.4, 0.2, 0.2, 0.2, 0.2, 0.1, 0.1});
  check_near(
      rates({ScheduleKind::kExponential, 0, 0.9, 1}, 10),
      {0.4, 0.36, 0.324, 0.2916, 0.26244, 0.236196, 0.2125764, 0.19131876, 0.17218688, 0.1549682});
  check_near(rates({ScheduleKind::kConstant}, 3), {0.4, 0.4, 0.4});
}

TEST_CASE("train: a warmup rises linearly and the schedule follows it") {
  check_near(rates({ScheduleKind::kConstant, 4}, 6), {0.1, 0.2, 0.3, 0.4, 0.4, 0.4});
  check_near(rates({ScheduleKind::kConstant, 0.5}, 4), {0.2, 0.4, 0.4, 0.4});
  check_near(rates({ScheduleKind::kCosine, 2}, 4), {0.2, 0.4, 0.4, 0.2});
}

TEST_CASE("train: without an interval decay comes in thirds") {
  check_near(rates({ScheduleKind::kStep, 0, 0.1, 0}, 6), {0.4, 0.4, 0.04, 0.04, 0.004, 0.004});
}

TEST_CASE("train: every schedule is defined for a single step") {
  for (const ScheduleKind kind :
       {ScheduleKind::kConstant, ScheduleKind::kStep, ScheduleKind::kExponential,
        ScheduleKind::kCosine, ScheduleKind::kOneCycle}) {
    const float rate = rates({kind}, 1).front();
    CHECK(rate >= 0);
    CHECK(rate <= 0.4F);
  }
}

TEST_CASE("train: impossible schedules are usage errors") {
  for (const ScheduleSettings& settings :
       {ScheduleSettings{ScheduleKind::kOneCycle, 5}, ScheduleSettings{ScheduleKind::kCosine, -1},
        ScheduleSettings{ScheduleKind::kCosine, 11}, ScheduleSettings{ScheduleKind::kCosine, 2.5},
        ScheduleSettings{ScheduleKind::kStep, 0, 0}, ScheduleSettings{ScheduleKind::kStep, 0, 1.5},
        ScheduleSettings{ScheduleKind::kStep, 0, 0.1, -3}}) {
    CHECK_THROWS_AS(Schedule(settings, 0.1, 10), Error);
  }
}

}  // namespace
}  // namespace mnist
