#include "train/early_stopping.h"

#include <limits>
#include <vector>

#include "catch.h"

namespace mnist {
namespace {

// What remains of a training whose epochs have these validation losses; the weights of epoch e are
// all e.
struct Course {
  std::size_t epochs = 0;
  std::uint64_t best = 0;
  float kept = 0;  // the weights left behind
};

Course follow(const StoppingSettings& settings, const std::vector<double>& losses) {
  Network network(parse_layer_list("2,2,softmax"), true);
  EarlyStopping stopping(settings);
  Course course;
  for (const double loss : losses) {
    ++course.epochs;
    std::vector<NamedParameter> weights = network.parameters();
    for (NamedParameter& p : weights) p.values.assign(p.values.size(), float(course.epochs));
    network.set_parameters(weights);
    stopping.look({course.epochs, 0.5, loss, 0.25}, network);
    if (stopping.over()) break;
  }
  course.best = stopping.best().figures.epoch;
  const EpochFigures* kept = stopping.restore(network);
  if (kept != nullptr) CHECK(kept->epoch == course.best);
  course.kept = network.parameters()[0].values[0];
  return course;
}

TEST_CASE("train: training stops after so many epochs without a lower validation loss") {
  const std::vector<double> losses{0.9, 0.5, 0.6, 0.4, 0.4, 0.7, 0.3, 0.2};
  const Course patient = follow({3, Keep::kLast}, losses);
  CHECK(patient.epochs == 8);
  CHECK(patient.best == 8);
  const Course hasty = follow({2, Keep::kLast}, losses);  // an equal loss is no lower one
  CHECK(hasty.epochs == 6);
  CHECK(hasty.best == 4);
  CHECK(hasty.kept == 6);
  CHECK(follow({1, Keep::kLast}, losses).epochs == 3);
  CHECK(follow({0, Keep::kLast}, losses).epochs == 8);
}

TEST_CASE("train: the best epoch's weights are kept where they are asked for") {
  const std::vector<double> losses{0.9, 0.5, 0.6, 0.5, 0.7};
  CHECK(follow({0, Keep::kBest}, losses).kept == 2);  // the first of equals
  CHECK(follow({2, Keep::kBest}, losses).kept == 2);
  CHECK(follow({0, Keep::kLast}, losses).kept == 5);
  CHECK(follow({0, Keep::kBest}, {}).best == 0);
}

TEST_CASE("train: a validation loss that is no number is never the best") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(follow({0, Keep::kBest}, {nan, 0.7, nan, 0.9}).kept == 2);
  CHECK(follow({2, Keep::kBest}, {nan, nan, nan}).epochs == 2);
  CHECK(follow({2, Keep::kBest}, {nan, nan}).kept == 2);
}

}  // namespace
}  // namespace mnist
