#include "report/committee.h"

#include <cmath>
#include <filesystem>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "catch.h"
#include "data/data_file.h"
#include "test_paths.h"

namespace mnist {
namespace {

const Dataset& some_digits() {
  static const Dataset some = [] {
    const Dataset all =
        load_data_file(std::filesystem::path(MNIST_DATA_DIR) / "mnist_test.csv.zst");
    Dataset first;
    first.shape = all.shape;
    first.classes = all.classes;
    append_rows(first, all, 0, 200);
    return first;
  }();
  return some;
}

Network network(std::uint64_t seed, const char* layers = "784,12,tanh,10,softmax") {
  Network result(parse_layer_list(layers), true);
  result.initialize(Initializer::kHe, seed);
  return result;
}

std::vector<Network> networks(std::size_t count) {
  std::vector<Network> all;
  for (std::uint64_t seed = 1; seed <= count; ++seed) all.push_back(network(seed));
  return all;
}

Views elastic_views(std::size_t count, std::uint64_t seed = 1) {
  return {count, {.kind = AugmentKind::kElastic}, seed};
}

// How often each class is guessed, whatever the label.
std::vector<std::size_t> guesses(const Metrics& metrics) {
  std::vector<std::size_t> sums(metrics.confusion.size());
  for (const auto& row : metrics.confusion) {
    for (std::size_t c = 0; c < row.size(); ++c) sums[c] += row[c];
  }
  return sums;
}

TEST_CASE("report: a committee averages the probabilities of its networks") {
  const std::vector<Network> three = networks(3);
  ThreadPool pool(2);
  const CommitteeMetrics metrics = evaluate_committee(three, some_digits(), {}, pool);
  REQUIRE(metrics.networks.size() == 3);
  REQUIRE(metrics.committee);
  CHECK_FALSE(metrics.committee->with_views);
  std::vector<double> mean(some_digits().rows() * 10);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(to_json(metrics.networks[i].once) == to_json(evaluate(three[i], some_digits(), pool)));
    const AlignedVector<float> p = predict(three[i], some_digits(), pool);
    for (std::size_t j = 0; j < mean.size(); ++j) mean[j] += static_cast<double>(p[j]) / 3;
  }
  double loss = 0;
  std::size_t correct = 0;
  for (std::size_t r = 0; r < some_digits().rows(); ++r) {
    const auto row = mean.begin() + static_cast<std::ptrdiff_t>(r * 10);
    loss -= std::log(row[some_digits().labels[r]]) / static_cast<double>(some_digits().rows());
    correct += std::max_element(row, row + 10) - row == some_digits().labels[r] ? 1U : 0U;
  }
  CHECK(metrics.committee->once.loss == Approx(loss));
  CHECK(metrics.committee->once.correct == correct);
}

TEST_CASE("report: views follow from the seed, whatever the threads and the labels") {
  const std::vector<Network> two = networks(2);
  ThreadPool one_thread(1);
  ThreadPool three_threads(3);
  const auto views = [&](const Dataset& data, const Views& how, ThreadPool& pool) {
    return *evaluate_committee(two, data, how, pool).committee->with_views;
  };
  const Metrics expected = views(some_digits(), elastic_views(5), one_thread);
  CHECK(views(some_digits(), elastic_views(5), three_threads).loss == expected.loss);
  CHECK(views(some_digits(), elastic_views(5, 2), one_thread).loss != expected.loss);
  CHECK(views(some_digits(), elastic_views(4), one_thread).loss != expected.loss);
  Dataset relabelled = some_digits();
  for (std::int32_t& label : relabelled.labels) label = (label + 6) % 10;
  CHECK(guesses(views(relabelled, elastic_views(5), one_thread)) == guesses(expected));
}

TEST_CASE("report: views of undistorted images are what one look gives") {
  const std::vector<Network> one = networks(1);
  ThreadPool pool(2);
  Views still = elastic_views(3);
  still.distortion.elastic_alpha = 0;
  const CommitteeMetrics metrics = evaluate_committee(one, some_digits(), still, pool);
  CHECK_FALSE(metrics.committee);
  CHECK(metrics.networks[0].with_views->correct == metrics.networks[0].once.correct);
  CHECK(metrics.networks[0].with_views->loss == Approx(metrics.networks[0].once.loss));
  CHECK(
      evaluate_committee(one, some_digits(), elastic_views(3), pool).networks[0].with_views->loss !=
      Approx(metrics.networks[0].once.loss));
  still.distortion.kind = AugmentKind::kNone;
  CHECK_THROWS_AS(evaluate_committee(one, some_digits(), still, pool), Error);
}

TEST_CASE("report: averaged sigmoid outputs have the mean squared error as their loss") {
  std::vector<Network> one;
  one.push_back(network(1, "784,10,sigmoid"));
  ThreadPool pool(1);
  Views still = elastic_views(2);
  still.distortion.elastic_alpha = 0;
  const CommitteeMetrics metrics = evaluate_committee(one, some_digits(), still, pool);
  CHECK(metrics.networks[0].with_views->loss == Approx(metrics.networks[0].once.loss));
}

}  // namespace
}  // namespace mnist
