#include "kernels/pooling.h"

#include <limits>

#include "catch.h"
#include "kernels/padded_matrix.h"
#include "kernels/targets.h"

namespace mnist::kernels {
namespace {

// The positions of a window's pixels in a row, and that of its output, for each channel.
template <class Visit>
void for_each_window(const PoolingShape& s, const Visit& visit) {
  const Shape out = s.output();
  for (std::size_t y = 0; y < out.height; ++y) {
    for (std::size_t x = 0; x < out.width; ++x) {
      for (std::size_t c = 0; c < out.channels; ++c) {
        std::vector<std::size_t> inputs;
        for (std::size_t i = 0; i < s.height * s.width; ++i) {
          const std::size_t row = y * s.height + i / s.width;
          const std::size_t column = x * s.width + i % s.width;
          inputs.push_back((row * s.input.width + column) * out.channels + c);
        }
        visit(inputs, (y * out.width + x) * out.channels + c);
      }
    }
  }
}

TEST_CASE("kernels: pooling agrees with its naive twin, ties go to the first") {
  for_each_target([](const Target&) {
    for (const std::size_t channels : {1U, 6U, 16U, 37U}) {
      for (const auto& [height, width] : {std::pair{2U, 2U}, {3U, 3U}, {7U, 8U}, {1U, 1U}}) {
        const PoolingShape shape{{channels, 7, 8}, height, width};
        INFO(channels << " channels, " << height << "x" << width);
        const std::size_t size = shape.input.size();
        PaddedMatrix x(3, size), y(3, shape.output().size()), mean(3, shape.output().size());
        PaddedMatrix delta(3, shape.output().size()), delta_x(3, size), delta_of_mean(3, size);
        fill_normal(x, 1, 1);
        for (std::size_t i = 0; i < size; ++i) x.at(1, i) = static_cast<float>(i % 3);  // ties
        fill_normal(delta, 1, 2);
        fill_normal(delta_x, 1, 3);
        fill_normal(delta_of_mean, 1, 3);
        max_pool_forward(shape, x.view(), y.view());
        max_pool_backward(shape, x.view(), y.view(), delta.view(), delta_x.view());
        average_pool_forward(shape, x.view(), mean.view());
        average_pool_backward(shape, delta.view(), delta_of_mean.view());
        PaddedMatrix expected(3, size), expected_of_mean(3, size);
        for (std::size_t r = 0; r < 3; ++r) {
          for_each_window(shape, [&](const std::vector<std::size_t>& inputs, std::size_t out) {
            std::size_t largest = inputs[0];
            float sum = 0;
            for (const std::size_t i : inputs) {
              if (x.at(r, i) > x.at(r, largest)) largest = i;
              sum += x.at(r, i);
              expected_of_mean.at(r, i) = delta.at(r, out) / static_cast<float>(inputs.size());
            }
            expected.at(r, largest) = delta.at(r, out);
            CHECK(y.at(r, out) == x.at(r, largest));
            CHECK(mean.at(r, out) == sum / static_cast<float>(inputs.size()));
          });
        }
        CHECK(same(delta_x, expected));
        CHECK(same(delta_of_mean, expected_of_mean));
        for (PaddedMatrix* m : {&y, &mean, &delta_x, &delta_of_mean}) CHECK(m->padding_intact());
      }
    }
  });
}

TEST_CASE("kernels: what is no number is the largest of its window") {
  for_each_target([](const Target&) {
    for (std::size_t i = 0; i < 4; ++i) {
      PaddedMatrix x(1, 4), y(1, 1);
      fill_normal(x);
      x.at(0, i) = std::numeric_limits<float>::quiet_NaN();
      max_pool_forward({{1, 2, 2}, 2, 2}, x.view(), y.view());
      CHECK(std::isnan(y.at(0, 0)));
    }
  });
}

}  // namespace
}  // namespace mnist::kernels
