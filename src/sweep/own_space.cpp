#include "sweep/own_space.h"

#include <algorithm>

namespace mnist {
namespace {

constexpr std::size_t kSmallestImage = 6;  // the smallest side for two convolutions
constexpr std::size_t kLargeImage = 20;    // the smallest side for 5 x 5 kernels and two poolings
constexpr std::size_t kFewRows = 5'000;    // fewer rows: batches of 32
constexpr std::size_t kManyRows = 20'000;  // as many or more: batches of 128

constexpr const char* kDense = "layers=choice(64,relu|256,relu,dropout:0.2|256,relu,128,relu)";
constexpr const char* kSmallImages =
    "layers=choice(128,relu,dropout:0.2|32c3same,relu,maxpool:2,64,relu,dropout:0.2|"
    "32c3same,batchnorm,relu,32c3same,batchnorm,relu,maxpool:2,dropout:0.3,64,relu)";
constexpr const char* kLargeImages =
    "layers=choice(256,relu,dropout:0.2,128,relu|"
    "16c5,relu,maxpool:2,32c5,relu,maxpool:2,dropout:0.2,128,relu|"
    "32c3,relu,maxpool:2,64c3,relu,maxpool:2,dropout:0.4,128,relu|"
    "24c5,batchnorm,relu,maxpool:2,48c5,batchnorm,relu,maxpool:2,dropout:0.3,128,relu)";

}  // namespace

Point own_settings(std::size_t rows) {
  const char* batch = rows < kFewRows ? "32" : rows < kManyRows ? "64" : "128";
  return {{"batch-size", batch}, {"schedule", "one-cycle"}, {"beta2", "0.99"}, {"ema", "0.99"},
          {"rotate", "10"},      {"scale", "0.1"},          {"shear", "0.1"},  {"shift", "1"}};
}

Space own_space(const Shape& shape, bool bytes) {
  const std::size_t side = std::min(shape.height, shape.width);
  Space space{parse_sample(side < kSmallestImage ? kDense
                           : side < kLargeImage  ? kSmallImages
                                                 : kLargeImages),
              parse_sample("lr=log(0.0015,0.012)"), parse_sample("weight-decay=log(0.003,0.3)"),
              parse_sample("label-smoothing=choice(0|0.05|0.1)")};
  if (bytes && side >= kSmallestImage && shape.height == shape.width) {
    space.push_back(parse_sample("augment=choice(none|affine)"));
  }
  return space;
}

}  // namespace mnist
