#include "kernels/warp.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/random.h"
#include "catch.h"
#include "kernels/targets.h"

namespace mnist::kernels {
namespace {

constexpr std::size_t kSide = ToroidalField::kSide;

std::vector<std::uint8_t> random_image(std::size_t width, std::size_t height) {
  RandomStream random(1, RandomPurpose::kDraw, width);
  std::vector<std::uint8_t> image(width * height);
  for (auto& pixel : image) pixel = static_cast<std::uint8_t>(random.below(256));
  return image;
}

ToroidalField noise(std::size_t window, std::uint64_t index) {
  ToroidalField field(window);
  RandomStream random(2, RandomPurpose::kDraw, index);
  for (std::size_t y = 0; y < kSide; ++y) {
    for (std::size_t x = 0; x < kSide; ++x) field.row(y)[x] = 2 * random.uniform() - 1;
  }
  return field;
}

// The naive twin: each pixel's four neighbours, in double.
double value_at(const std::vector<std::uint8_t>& image, std::size_t width, double x, double y) {
  const auto pixel = [&](double px, double py) {
    const auto right = static_cast<double>(width);
    const std::size_t height = image.size() / width;
    const auto bottom = static_cast<double>(height);
    if (px < 0 || py < 0 || px >= right || py >= bottom) return 0.0;
    return static_cast<double>(
        image[static_cast<std::size_t>(py) * width + static_cast<std::size_t>(px)]);
  };
  const double left = std::floor(x);
  const double top = std::floor(y);
  const double across = x - left;
  const double down = y - top;
  return (1 - down) * ((1 - across) * pixel(left, top) + across * pixel(left + 1, top)) +
         down * ((1 - across) * pixel(left, top + 1) + across * pixel(left + 1, top + 1));
}

std::vector<double> naive_warp(const std::vector<std::uint8_t>& image, std::size_t width,
                               const WarpMap& map) {
  std::vector<double> out(image.size());
  for (std::size_t row = 0; row < image.size() / width; ++row) {
    for (std::size_t column = 0; column < width; ++column) {
      const auto x = static_cast<double>(column);
      const auto y = static_cast<double>(row);
      double from_x = double{map.xx} * x + double{map.xy} * y + double{map.x0};
      double from_y = double{map.yx} * x + double{map.yy} * y + double{map.y0};
      if (map.dx != nullptr) {
        const std::size_t field_y = map.field_y + row;
        from_x += double{map.dx_amplitude} * double{map.dx->window(map.field_x, field_y)[column]};
        from_y += double{map.dy_amplitude} * double{map.dy->window(map.field_x, field_y)[column]};
      }
      out[row * width + column] = value_at(image, width, from_x, from_y);
    }
  }
  return out;
}

// The warped image, in a buffer whose neighbourhood must stay untouched.
std::vector<std::uint8_t> warped(const std::vector<std::uint8_t>& image, std::size_t width,
                                 const WarpMap& map) {
  constexpr std::size_t kGuard = 64;
  std::vector<std::uint8_t> buffer(image.size() + 2 * kGuard, 77);
  warp_image(image.data(), width, image.size() / width, map, buffer.data() + kGuard);
  const auto untouched = [](std::uint8_t byte) { return byte == 77; };
  CHECK(std::all_of(buffer.begin(), buffer.begin() + kGuard, untouched));
  CHECK(std::all_of(buffer.end() - kGuard, buffer.end(), untouched));
  return {buffer.begin() + kGuard, buffer.end() - kGuard};
}

// Widths and heights.
constexpr std::pair<std::size_t, std::size_t> kSizes[] = {
    {1, 1},   {2, 2},   {3, 3},   {8, 8},   {15, 15},   {16, 16}, {17, 17}, {28, 28},
    {31, 31}, {32, 32}, {33, 33}, {64, 64}, {300, 300}, {24, 32}, {32, 24}, {1, 40},
    {40, 1},  {2, 17},  {100, 3}, {15, 16}, {16, 15},   {5, 200}};

TEST_CASE("kernels: warp_image agrees with its naive twin on every target") {
  for_each_target([](const Target&) {
    for (const auto& [width, height] : kSizes) {
      INFO(width << " x " << height);
      const auto image = random_image(width, height);
      ToroidalField dx = noise(width, 0);
      ToroidalField dy = noise(width, 1);
      dx.blur(3);
      dy.blur(3);
      const auto size = static_cast<float>(std::max(width, height));
      WarpMap turned{0.8F, -0.3F, 0.2F * size, 0.4F, 1.1F, -0.25F * size};
      WarpMap elastic = turned;
      elastic.dx = &dx;
      elastic.dy = &dy;
      elastic.dx_amplitude = 40;
      elastic.dy_amplitude = -25;
      elastic.field_x = 250;
      elastic.field_y = 245;
      for (const WarpMap& map : {WarpMap{}, turned, elastic}) {
        const auto expected = naive_warp(image, width, map);
        const auto result = warped(image, width, map);
        double worst = 0;
        for (std::size_t i = 0; i < result.size(); ++i) {
          worst = std::max(worst, std::abs(double{1} * result[i] - expected[i]));
        }
        // Half a step of rounding, and the coordinates' own: 2^-24 of `size`, times 255 a pixel.
        CHECK(worst <= 0.55);
      }
    }
  });
}

TEST_CASE("kernels: warp_image moves by whole pixels exactly, zero coming in") {
  for_each_target([](const Target&) {
    for (const auto& [width, height] : kSizes) {
      INFO(width << " x " << height);
      const auto image = random_image(width, height);
      CHECK(warped(image, width, WarpMap{}) == image);
      for (const auto& [x0, y0] :
           {std::pair{1.0F, 0.0F}, {0.0F, -1.0F}, {-3.0F, 2.0F}, {1e9F, 0.0F}, {0.0F, -1e9F}}) {
        WarpMap map;
        map.x0 = x0;
        map.y0 = y0;
        const auto expected = naive_warp(image, width, map);
        CHECK(warped(image, width, map) ==
              std::vector<std::uint8_t>(expected.begin(), expected.end()));
      }
    }
  });
}

TEST_CASE("kernels: the blur agrees with a convolution in double on every target") {
  // 50 reaches farther than the field is wide.
  for (const float sigma : {0.3F, 1.0F, 5.0F, 50.0F}) {
    const ToroidalField field = noise(5, 3);
    const auto radius = static_cast<int>(std::ceil(3 * sigma));
    std::vector<double> taps;
    double sum = 0;
    for (int k = -radius; k <= radius; ++k) {
      taps.push_back(std::exp(-k * k / (2.0 * double{sigma} * double{sigma})));
      sum += taps.back();
    }
    const auto at = [](int i) { return static_cast<std::size_t>(i) % kSide; };
    const auto tap = [&](int k) {
      return taps[static_cast<std::size_t>(k) + static_cast<std::size_t>(radius)];
    };
    std::vector<double> columns(kSide * kSide);
    for (int y = 0; y < static_cast<int>(kSide); ++y) {
      for (std::size_t x = 0; x < kSide; ++x) {
        for (int k = -radius; k <= radius; ++k) {
          columns[at(y) * kSide + x] += tap(k) / sum * double{field.window(x, at(y + k))[0]};
        }
      }
    }
    std::vector<double> expected(kSide * kSide);
    for (std::size_t y = 0; y < kSide; ++y) {
      for (int x = 0; x < static_cast<int>(kSide); ++x) {
        for (int k = -radius; k <= radius; ++k) {
          expected[y * kSide + at(x)] += tap(k) / sum * columns[y * kSide + at(x + k)];
        }
      }
    }
    for_each_target([&](const Target&) {
      INFO("sigma " << sigma);
      ToroidalField blurred = field;
      blurred.blur(sigma);
      double worst = 0;
      for (std::size_t y = 0; y < kSide; ++y) {
        for (std::size_t x = 0; x < kSide; ++x) {
          for (std::size_t i = 0; i < 5; ++i) {
            const double want = expected[y * kSide + (x + i) % kSide];
            worst = std::max(worst, std::abs(double{blurred.window(x, y + kSide)[i]} - want));
          }
        }
      }
      CHECK(worst < 1e-6);
    });
  }
}

}  // namespace
}  // namespace mnist::kernels
