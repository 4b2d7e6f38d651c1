#include "train/collapse_watch.h"

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "base/error.h"
#include "catch.h"

namespace mnist {
namespace {

TEST_CASE("train: a loss that is not finite ends training and names step and rate") {
  CollapseWatch watch(0.5F, LayerKind::kSoftmax);
  const std::vector<float> p{0.1F, 0.9F};
  const std::vector<std::int32_t> labels{1};
  watch.check(1, 2.0F, {p.data(), 1, 2, 2}, labels);
  for (const float loss : {NAN, INFINITY}) {
    try {
      watch.check(7, loss, {p.data(), 1, 2, 2}, labels);
      FAIL("not noticed");
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kDiverged);
      CHECK_THAT(error.what(), contains("step 7") && contains("0.5"));
    }
  }
}

// What a network gives at a step: a row for each label of the batch.
using Batch = std::vector<std::vector<float>>;

// The step at which a watch calls a network dead that gives `batch` at each step; 0 for never.
std::size_t called_dead_at(const std::function<Batch(std::size_t step)>& batch,
                           const std::vector<std::int32_t>& labels) {
  CollapseWatch watch(0.5F, LayerKind::kSoftmax);
  for (std::size_t step = 1; step <= 2000; ++step) {
    std::vector<float> rows;
    for (const std::vector<float>& row : batch(step)) {
      rows.insert(rows.end(), row.begin(), row.end());
    }
    try {
      watch.check(step, 2.3F, {rows.data(), labels.size(), 2, 2}, labels);
    } catch (const Error&) {
      return step;
    }
  }
  return 0;
}

TEST_CASE("train: a network whose outputs are alike for every image over many steps is dead") {
  const auto always = [](const Batch& batch) { return [=](std::size_t) { return batch; }; };
  const auto flicker = [](std::size_t step) {
    return Batch{{step % 400 == 0 ? 0.51F : 0.5F, 0.5F}, {0.5F, 0.5F}};
  };
  CHECK(called_dead_at(always({{0.5F, 0.5F}, {0.5F, 0.5F}}), {0, 1}) == 500);
  CHECK(called_dead_at(always({{0.5F, 0.5F}}), {1}) == 500);
  CHECK(called_dead_at(always({{0.5F, 0.5F}, {0.50001F, 0.49999F}}), {0, 1}) == 0);
  CHECK(called_dead_at(flicker, {0, 1}) == 0);
}

TEST_CASE("train: a dead network stays dead while its output biases go on learning") {
  const auto drift = [](std::size_t rows) {
    return [=](std::size_t step) {
      const float p = 0.5F + 1e-4F * static_cast<float>(step);
      return Batch(rows, {p, 1 - p});
    };
  };
  CHECK(called_dead_at(drift(2), {0, 1}) == 500);
  // Alike because they are of one class: not until that has been so for all classes.
  CHECK(called_dead_at(drift(2), {1, 1}) == 0);
  CHECK(called_dead_at(drift(1), {1}) == 0);
}

TEST_CASE("train: a network that is certain of batches of one class is not dead") {
  const auto certain = [](std::size_t step) {
    return step % 100 == 0 ? Batch(2, {0.0F, 1.0F}) : Batch(2, {1.0F, 0.0F});
  };
  CHECK(called_dead_at(certain, {1, 1}) == 0);
}

TEST_CASE("train: weights or a loss that are not finite at the end are a collapse") {
  const CollapseWatch watch(0.5F, LayerKind::kSoftmax);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const auto ends = [&](float weight, double loss) {
    const std::vector<NamedParameter> parameters{{"0.weight", {1, 2}, {0.5F, weight}}};
    try {
      watch.check_end(7, parameters, loss);
      return std::string();
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kDiverged);
      return std::string(error.what());
    }
  };
  CHECK(ends(1, 0.5).empty());
  CHECK_THAT(ends(nan, 0.5), contains("0.weight holds nan after step 7"));
  CHECK_THAT(ends(infinity, 0.5), contains("0.weight holds inf"));
  CHECK_THAT(ends(1, std::numeric_limits<double>::quiet_NaN()), contains("the loss is nan"));
}

}  // namespace
}  // namespace mnist
