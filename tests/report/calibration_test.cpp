#include "report/calibration.h"

#include <random>

#include "catch.h"

using namespace mnist;

TEST_CASE("report: calibration of a small example worked out by hand") {
  // Guesses of 0.9 (right), 0.8 (wrong), 0.6 (right) and 1.0 (right) in two bins over [0.5, 1].
  const std::vector<float> probabilities = {0.9f, 0.1f, 0.8f, 0.2f, 0.4f, 0.6f, 0.0f, 1.0f};
  const std::vector<std::int32_t> labels = {0, 1, 1, 1};
  const Calibration calibration = calibrate(probabilities, 2, labels, 4);
  REQUIRE(calibration.bins.size() == 4);
  CHECK(calibration.bins[1].high == 0.5);
  CHECK(calibration.bins[0].count == 0);
  CHECK(calibration.bins[1].count == 0);
  const CalibrationBin& third = calibration.bins[2];
  CHECK(third.low == 0.5);
  CHECK(third.count == 1);
  CHECK(third.confidence == Approx(0.6));
  CHECK(third.accuracy == 1.0);
  const CalibrationBin& last = calibration.bins[3];
  CHECK(last.high == 1.0);
  CHECK(last.count == 3);
  CHECK(last.confidence == Approx(0.9));
  CHECK(last.accuracy == Approx(2.0 / 3));
  CHECK(calibration.expected_error == Approx((0.4 + 3 * (0.9 - 2.0 / 3)) / 4));
}

TEST_CASE("report: who is right as often as sure has hardly any calibration error") {
  std::mt19937 random(3);
  std::uniform_real_distribution<float> draw;
  std::vector<float> probabilities;
  std::vector<std::int32_t> labels;
  for (int i = 0; i < 20'000; ++i) {
    const float sure = 0.5F + draw(random) / 2;
    probabilities.insert(probabilities.end(), {sure, 1 - sure});
    labels.push_back(draw(random) < sure ? 0 : 1);
  }
  CHECK(calibrate(probabilities, 2, labels).expected_error < 0.02);
  for (std::int32_t& label : labels) label = 0;  // too modest now
  CHECK(calibrate(probabilities, 2, labels).expected_error == Approx(0.25).margin(0.01));
}

TEST_CASE("report: the calibration of sigmoid outputs, which may be 0, and its JSON") {
  const auto json = to_json(calibrate(std::vector<float>{0.0f, 0.0f}, 2, std::vector<int>{0}, 2));
  CHECK(json["expected_error"] == 1.0);
  CHECK(json["bins"][0]["count"] == 1);
  CHECK(json["bins"][0]["accuracy"] == 1.0);
  CHECK(json["bins"][1]["count"] == 0);
  CHECK(json["bins"][1]["accuracy"].is_null());
  CHECK(json["bins"][1]["confidence"].is_null());
}
