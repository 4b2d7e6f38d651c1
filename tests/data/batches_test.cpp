#include "data/batches.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "data/test_files.h"

namespace mnist {
namespace {

using Rows = std::vector<std::uint32_t>;

Rows rows_of(const BatchSampler& sampler, std::uint64_t step) {
  const auto batch = sampler.batch(step);
  return {batch.begin(), batch.end()};
}

TEST_CASE("data: a shuffled epoch takes every row once, anew in each epoch") {
  for (const auto& [rows, batch] : std::vector<std::pair<std::size_t, std::size_t>>{
           {1, 1}, {10, 1}, {10, 10}, {10, 3}, {100, 64}, {1000, 64}}) {
    const BatchSampler sampler(Sampling::kShuffle, rows, batch, 42);
    const std::size_t steps = sampler.steps_per_epoch();
    CHECK(steps == (rows + batch - 1) / batch);
    Rows previous;
    for (std::size_t epoch = 0; epoch < 3; ++epoch) {
      Rows order;
      for (std::size_t s = 0; s < steps; ++s) {
        const Rows part = rows_of(sampler, epoch * steps + s);
        CHECK(part.size() == (s + 1 < steps ? batch : rows - (steps - 1) * batch));
        order.insert(order.end(), part.begin(), part.end());
      }
      if (rows >= 10) CHECK(order != previous);
      previous = order;
      std::sort(order.begin(), order.end());
      Rows all(rows);
      std::iota(all.begin(), all.end(), 0U);
      CHECK(order == all);
    }
  }
}

TEST_CASE("data: an independent batch has distinct rows, anew in each step") {
  for (const auto& [rows, batch] : std::vector<std::pair<std::size_t, std::size_t>>{
           {1, 1}, {10, 1}, {10, 10}, {10, 9}, {60000, 64}}) {
    const BatchSampler sampler(Sampling::kIndependent, rows, batch, 42);
    CHECK(sampler.steps_per_epoch() == (rows + batch - 1) / batch);
    for (std::uint64_t step = 0; step < 20; ++step) {
      const Rows part = rows_of(sampler, step);
      CHECK(part.size() == batch);
      CHECK(std::set<std::uint32_t>(part.begin(), part.end()).size() == batch);
      CHECK(*std::max_element(part.begin(), part.end()) < rows);
      if (rows == 60000) CHECK(part != rows_of(sampler, step + 1));
    }
  }
}

TEST_CASE("data: a step's batch follows from seed and step alone") {
  for (const Sampling sampling : {Sampling::kShuffle, Sampling::kIndependent}) {
    const BatchSampler in_order(sampling, 1000, 64, 7);
    std::vector<Rows> batches;
    for (std::uint64_t step = 0; step < 40; ++step) batches.push_back(rows_of(in_order, step));
    const BatchSampler backwards(sampling, 1000, 64, 7);
    for (std::uint64_t step = 40; step-- > 0;) CHECK(rows_of(backwards, step) == batches[step]);
    const BatchSampler late(sampling, 1000, 64, 7);
    CHECK(rows_of(late, 33) == batches[33]);
    const BatchSampler other(sampling, 1000, 64, 8);
    CHECK(rows_of(other, 0) != batches[0]);
  }
}

TEST_CASE("data: every row is as likely to be drawn as another") {
  constexpr int kSteps = 8000;
  const BatchSampler independent(Sampling::kIndependent, 12, 3, 1);
  const BatchSampler shuffled(Sampling::kShuffle, 12, 3, 1);
  std::vector<int> drawn(12);
  std::vector<int> first(12);  // at the beginning of an epoch
  for (std::uint64_t step = 0; step < kSteps; ++step) {
    for (const std::uint32_t row : independent.batch(step)) ++drawn[row];
    ++first[shuffled.batch(step * shuffled.steps_per_epoch())[0]];
  }
  for (const int count : drawn) CHECK(count == Approx(kSteps / 4).margin(200));   // 5 sigma
  for (const int count : first) CHECK(count == Approx(kSteps / 12).margin(125));  // 5 sigma
}

TEST_CASE("data: a batch size that the rows cannot fill is wrong usage") {
  for (const Sampling sampling : {Sampling::kShuffle, Sampling::kIndependent}) {
    const auto fails = [&](std::size_t rows, std::size_t batch) {
      return test::error_of([&] { BatchSampler(sampling, rows, batch, 0); }, ExitCode::kUsage);
    };
    CHECK(fails(100, 128) ==
          "a batch of 128 rows cannot be drawn from 100 rows of training data; choose a batch size "
          "from 1 to 100");
    CHECK(test::holds(fails(100, 0), "a batch of 0 rows"));
    CHECK(test::holds(fails(0, 1), "from 0 rows"));
  }
}

}  // namespace
}  // namespace mnist
