#include "kernels/dropout.h"

#include <cmath>
#include <vector>

#include "base/random.h"
#include "catch.h"
#include "kernels/targets.h"

namespace mnist::kernels {
namespace {

const DropoutMask kMask{{17, 23}, {5, 7, 11}};

float naive(float rate, std::size_t row, std::size_t column, std::size_t n, float value) {
  const std::size_t blocks = (n + 7) / 8;
  const std::size_t i = column / blocks;
  const auto words = philox4x32({static_cast<std::uint32_t>(row * blocks + column % blocks),
                                 kMask.stream[0], kMask.stream[1], kMask.stream[2]},
                                kMask.key);
  const std::uint32_t bits = words[i / 2] >> (16 * (i % 2)) & 0xFFFFU;
  return static_cast<float>(bits) >= std::round(rate * 65536) ? value * (1 / (1 - rate)) : 0.0F;
}

TEST_CASE("kernels: dropout agrees with its naive twin to the bit on every target") {
  for_each_target([](const Target&) {
    for (const std::size_t columns : {1U, 2U, 7U, 8U, 9U, 50U, 127U, 128U, 129U, 1000U}) {
      INFO(columns << " columns");
      constexpr std::size_t kRows = 3;
      const std::size_t stride = columns + 3;
      std::vector<float> in(kRows * stride, NAN);
      std::vector<float> out(kRows * stride, -1.0F);
      for (std::size_t r = 0; r < kRows; ++r) {
        for (std::size_t c = 0; c < columns; ++c) {
          in[r * stride + c] = static_cast<float>(r * 1000 + c + 1);
        }
      }
      dropout(kMask, 0.3F, 40, {in.data(), kRows, columns, stride},
              {out.data(), kRows, columns, stride});
      bool same = true;
      for (std::size_t r = 0; r < kRows; ++r) {
        for (std::size_t c = 0; c < stride; ++c) {
          const float expected =
              c < columns ? naive(0.3F, 40 + r, c, columns, in[r * stride + c]) : -1.0F;
          same = same && out[r * stride + c] == expected;
        }
      }
      CHECK(same);
    }
  });
}

TEST_CASE("kernels: dropout keeps the mean and drops at its rate") {
  std::vector<float> values(100000, 1.0F);
  dropout(kMask, 0.2F, 0, {values.data(), 100, 1000, 1000}, {values.data(), 100, 1000, 1000});
  double sum = 0;
  std::size_t dropped = 0;
  for (const float x : values) {
    sum += static_cast<double>(x);
    dropped += x == 0 ? 1U : 0U;
  }
  CHECK(sum / 100000 == Approx(1).epsilon(0.01));
  CHECK(static_cast<double>(dropped) / 100000 == Approx(0.2).epsilon(0.03));
}

}  // namespace
}  // namespace mnist::kernels
