#include "nn/dense_layer.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/random.h"
#include "catch.h"
#include "nn/network.h"
#include "nn/pass.h"

namespace mnist {
namespace {

// More than two blocks of rows; of the features, groups of two and longer runs have no ink.
constexpr std::size_t kRows = 150;
constexpr std::size_t kFeatures = 71;

std::vector<std::vector<std::uint8_t>> images() {
  RandomStream random(1, RandomPurpose::kDraw, 0);
  std::vector<std::vector<std::uint8_t>> rows(kRows, std::vector<std::uint8_t>(kFeatures));
  for (std::size_t f = 0; f < kFeatures; ++f) {
    if (f < 6 || f % 16 < 4 || (f > 40 && f < 64)) continue;
    for (auto& row : rows) row[f] = random.below(3) == 0 ? 100 : 0;
  }
  rows.back()[2] = 7;  // the only ink there
  return rows;
}

struct Gradient {
  Parameter sums;
  std::vector<bool> given;  // which of its rows
};

Gradient gradient(const Network& network, Pass& pass, ZeroRows zeros) {
  const Parameter& p = *std::as_const(network).layer(0).parameter();
  Gradient result{{p.rows, p.columns}, std::vector<bool>(p.rows)};
  network.layer(0).gradient({{0, p.rows}, {0, p.columns}}, pass.layer(0, Worker::alone()), {},
                            zeros, [&](const Block& block, const float* values) {
                              for (std::size_t r = 0; r < block.rows.size(); ++r) {
                                std::copy_n(values + r * p.stride, p.columns,
                                            result.sums.matrix().row(block.rows.begin + r));
                                result.given[block.rows.begin + r] = true;
                              }
                            });
  return result;
}

TEST_CASE("nn: without its rows of zeros the gradient of the first layer is the same") {
  for (const InputForm form : {InputForm::kPixels, InputForm::kFloats}) {
    Network network(parse_layer_list("71,20,softmax"), true);
    Pass pass(network, kRows, Pass::Kind::kTraining, form);
    const auto rows = images();
    Worker worker = Worker::alone();
    pass.input().load(worker, kRows, [&](std::size_t r) { return rows[r].data(); });
    RandomStream random(2, RandomPurpose::kDraw, 0);
    for (std::size_t r = 0; r < kRows; ++r) {
      float* delta = pass.output_delta(worker).row(r);
      std::generate_n(delta, 20, [&] { return random.normal(); });
    }
    const Gradient all = gradient(network, pass, ZeroRows::kKept);
    const Gradient some = gradient(network, pass, ZeroRows::kLeftOut);
    CHECK(std::ranges::count(all.given, true) == kFeatures + 1);
    CHECK(some.sums.values == all.sums.values);
    if (form == InputForm::kPixels) {
      // 0, 4 and 16 ... have no ink, 2 and the bias have.
      CHECK(!some.given[0]);
      CHECK(some.given[2]);
      CHECK(!some.given[4]);
      CHECK(!some.given[16]);
      CHECK(some.given[20]);
      CHECK(!some.given[50]);
      CHECK(some.given[kFeatures - 1]);
      CHECK(some.given[kFeatures]);
    }
  }
}

}  // namespace
}  // namespace mnist
