#include "report/mistakes.h"

#include "catch.h"

using namespace mnist;

TEST_CASE("report: the surest mistakes come first, equals in the order of their rows") {
  const std::vector<float> probabilities = {0.4f, 0.6f, 0.9f, 0.1f, 0.2f,
                                            0.8f, 0.4f, 0.6f, 0.1f, 0.9f};
  const std::vector<std::int32_t> labels = {0, 0, 0, 0, 1};
  const auto all = most_confident_mistakes(probabilities, 2, labels, 10);
  REQUIRE(all.size() == 3);
  CHECK(all[0].row == 2);
  CHECK(all[0].label == 0);
  CHECK(all[0].guess == 1);
  CHECK(all[0].probability == 0.8f);
  CHECK(all[1].row == 0);
  CHECK(all[2].row == 3);
  CHECK(most_confident_mistakes(probabilities, 2, labels, 2).size() == 2);
  CHECK(most_confident_mistakes(probabilities, 2, labels, 0).empty());
}
