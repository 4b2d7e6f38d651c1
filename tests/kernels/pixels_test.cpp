#include "kernels/pixels.h"

#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "catch.h"
#include "kernels/padded_matrix.h"
#include "kernels/page_end.h"
#include "kernels/targets.h"

namespace mnist::kernels {
namespace {

TEST_CASE("kernels: scaled pixels are the correctly rounded quotients") {
  std::vector<std::uint8_t> pixels(256);
  std::iota(pixels.begin(), pixels.end(), std::uint8_t{0});
  for_each_target([&](const Target&) {
    std::vector<float> out(pixels.size());
    scale_pixels(pixels.data(), pixels.size(), out.data());
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      INFO("pixel " << i);
      REQUIRE(out[i] == static_cast<float>(i) / 255.0f);
    }
  });
}

TEST_CASE("kernels: any number of pixels is scaled, at any address, and nothing behind them") {
  for_each_target([&](const Target&) {
    for (const std::size_t n : kSizes) {
      INFO(n << " pixels");
      const PageEnd<std::uint8_t> memory(n);
      const std::span<std::uint8_t> pixels = memory.values();
      for (std::size_t i = 0; i < n; ++i) pixels[i] = static_cast<std::uint8_t>(255 - 2 * i);
      PaddedMatrix out(1, n);
      scale_pixels(pixels.data(), n, out.data());
      for (std::size_t i = 0; i < n; ++i) {
        REQUIRE(out.at(0, i) == static_cast<float>(pixels[i]) / 255.0f);
      }
      CHECK(out.padding_intact());
    }
  });
}

}  // namespace
}  // namespace mnist::kernels
