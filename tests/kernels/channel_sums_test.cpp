#include "kernels/channel_sums.h"

#include <cmath>

#include "catch.h"
#include "kernels/padded_matrix.h"
#include "kernels/targets.h"

namespace mnist::kernels {
namespace {

TEST_CASE("kernels: sums over a channel have the bits of their naive twin") {
  for_each_target([](const Target& target) {
    const auto multiply_add = [&](float a, float b, float c) {
      return target.fused ? std::fma(a, b, c) : a * b + c;
    };
    for (const std::size_t channels : {1U, 5U, 16U, 37U}) {
      for (const std::size_t images : {0U, 1U, 8U, 21U}) {
        constexpr std::size_t kPixels = 6;
        INFO(images << " images of " << channels << " channels");
        PaddedMatrix x(images, kPixels * channels), delta(images, kPixels * channels);
        PaddedMatrix mean(1, channels), sums(3, channels);
        fill_normal(x, 1, 1);
        fill_normal(delta, 1, 2);
        fill_normal(mean, 1, 3);
        const auto compute = [&](std::size_t begin, std::size_t end) {
          const Channels part{channels, begin, end};
          channel_sums(x.view(), part, sums.view().row(0) + begin);
          channel_square_sums(x.view(), part, mean.data() + begin, sums.view().row(1) + begin);
          channel_product_sums(x.view(), part, mean.data() + begin, delta.view(),
                               sums.view().row(2) + begin);
        };
        compute(0, channels / 2);
        compute(channels / 2, channels);
        for (std::size_t c = 0; c < channels; ++c) {
          float total[3] = {};
          for (std::size_t first = 0; first < images; first += 8) {
            float block[3] = {};
            for (std::size_t r = first; r < std::min<std::size_t>(first + 8, images); ++r) {
              for (std::size_t i = c; i < x.columns(); i += channels) {
                const float centred = x.at(r, i) - mean.at(0, c);
                block[0] += x.at(r, i);
                block[1] = multiply_add(centred, centred, block[1]);
                block[2] = multiply_add(centred, delta.at(r, i), block[2]);
              }
            }
            for (std::size_t k = 0; k < 3; ++k) total[k] += block[k];
          }
          for (std::size_t k = 0; k < 3; ++k) CHECK(sums.at(k, c) == total[k]);
        }
        CHECK(sums.padding_intact());
      }
    }
  });
}

}  // namespace
}  // namespace mnist::kernels
