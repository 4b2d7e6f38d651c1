#include "nn/initializer.h"

#include <cmath>

#include "base/random.h"

namespace mnist {

void initialize_weights(Initializer initializer, std::uint64_t seed, std::size_t layer,
                        const UnitWeights& weights) {
  RandomStream random(seed, RandomPurpose::kInitialWeights, layer);
  const Matrix& w = weights.matrix;
  const auto fan_in = static_cast<float>(w.rows);
  const auto fan_out = static_cast<float>(weights.fan_out);
  const float deviation = std::sqrt((initializer == Initializer::kHe ? 2.0F : 1.0F) / fan_in);
  const float bound = std::sqrt(6.0F / (fan_in + fan_out));
  for (std::size_t r = 0; r < w.rows; ++r) {
    for (std::size_t c = 0; c < w.columns; ++c) {
      w.row(r)[c] = initializer == Initializer::kXavier ? bound * (2.0F * random.uniform() - 1.0F)
                                                        : deviation * random.normal();
    }
  }
}

}  // namespace mnist
