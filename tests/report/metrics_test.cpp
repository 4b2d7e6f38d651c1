#include "report/metrics.h"

#include "catch.h"

using namespace mnist;

namespace {

// Four rows of three classes: two right, one 0 taken for 1, one 1 taken for 0; nothing is a 2.
const std::vector<float> kProbabilities = {0.8f, 0.1f,  0.1f,  //
                                           0.2f, 0.7f,  0.1f,  //
                                           0.3f, 0.6f,  0.1f,  //
                                           0.5f, 0.25f, 0.25f};
const std::vector<std::int32_t> kLabels = {0, 1, 0, 1};
const std::vector<float> kLosses = {0.25f, 0.5f, 1.25f, 2.0f};

}  // namespace

TEST_CASE("report: the most probable class is the first of equals") {
  CHECK(most_probable(std::vector<float>{0.1f, 0.7f, 0.2f}) == 1);
  CHECK(most_probable(std::vector<float>{0.2f, 0.4f, 0.4f}) == 1);
  CHECK(most_probable(std::vector<float>{1.0f}) == 0);
}

TEST_CASE("report: metrics of a small example worked out by hand") {
  const Metrics metrics = compute_metrics(kProbabilities, 3, kLabels, kLosses);
  CHECK(metrics.count == 4);
  CHECK(metrics.correct == 2);
  CHECK(metrics.accuracy == 0.5);
  CHECK(metrics.error == 0.5);
  CHECK(metrics.loss == 1.0);
  CHECK(metrics.confusion ==
        std::vector<std::vector<std::size_t>>{{1, 1, 0}, {1, 1, 0}, {0, 0, 0}});
  REQUIRE(metrics.per_class.size() == 3);
  CHECK(metrics.per_class[0].count == 2);
  CHECK(metrics.per_class[0].precision == 0.5);
  CHECK(metrics.per_class[0].recall == 0.5);
  CHECK(metrics.per_class[0].f1 == 0.5);
  CHECK(metrics.per_class[2].count == 0);
  CHECK_FALSE(metrics.per_class[2].precision.has_value());
  CHECK_FALSE(metrics.per_class[2].recall.has_value());
  CHECK_FALSE(metrics.per_class[2].f1.has_value());
}

TEST_CASE("report: a class that is never guessed has recall and F1 of 0 but no precision") {
  const std::vector<float> probabilities = {1.0f, 0.0f, 1.0f, 0.0f};
  const std::vector<std::int32_t> labels = {0, 1};
  const Metrics metrics = compute_metrics(probabilities, 2, labels, {kLosses.data(), 2});
  CHECK_FALSE(metrics.per_class[1].precision.has_value());
  CHECK(metrics.per_class[1].recall == 0.0);
  CHECK(metrics.per_class[1].f1 == 0.0);
}

TEST_CASE("report: metrics as JSON keep their keys in order and empty figures as null") {
  const auto json = to_json(compute_metrics(kProbabilities, 3, kLabels, kLosses));
  std::vector<std::string> keys;
  for (const auto& item : json.items()) keys.push_back(item.key());
  CHECK(keys == std::vector<std::string>{"accuracy", "error", "loss", "count", "correct",
                                         "confusion", "per_class"});
  CHECK(json["confusion"][0][1] == 1);
  CHECK(json["per_class"][0]["precision"] == 0.5);
  CHECK(json["per_class"][2]["label"] == 2);
  CHECK(json["per_class"][2]["f1"].is_null());
}

TEST_CASE("report: the table of metrics leaves out a confusion matrix that is too wide") {
  const std::string narrow = to_table(compute_metrics(kProbabilities, 3, kLabels, kLosses));
  CHECK(narrow.find("50.00 %  (2 of 4)") != std::string::npos);
  CHECK(narrow.find("confusion") != std::string::npos);
  CHECK(narrow.find("F1") != std::string::npos);

  const std::size_t classes = 100;
  std::vector<float> probabilities(classes, 0.01f);
  const std::vector<std::int32_t> labels = {99};
  const std::string wide =
      to_table(compute_metrics(probabilities, classes, labels, {kLosses.data(), 1}));
  CHECK(wide.find("confusion") == std::string::npos);
  CHECK(wide.find("\n   99") != std::string::npos);
}

TEST_CASE("report: many classes have figures, but no confusion matrix by the square of them") {
  const std::size_t classes = 65536;
  std::vector<float> probabilities(2 * classes, 0);
  probabilities[7] = 1;
  probabilities[classes + 7] = 1;
  const std::vector<std::int32_t> labels = {7, 65535};
  const Metrics metrics = compute_metrics(probabilities, classes, labels, {kLosses.data(), 2});
  CHECK(metrics.confusion.empty());
  CHECK(metrics.correct == 1);
  CHECK(metrics.per_class[7].precision == 0.5);
  CHECK(metrics.per_class[7].recall == 1.0);
  CHECK(metrics.per_class[65535].recall == 0.0);
  CHECK(to_json(metrics)["confusion"].empty());
  CHECK_THAT(to_table(metrics), !contains("confusion"));
}
