#include "nn/initializer.h"

#include <cmath>

#include "base/random.h"

namespace mnist {

void initialize_weights(Initializer initializer, std::uint64_t seed, std::size_t layer,
                        Matrix weights) {
  RandomStream random(seed, RandomPurpose::kInitialWeights, layer);
  const auto inputs = static_cast<float>(weights.rows);
  const auto outputs = static_cast<float>(weights.columns);
  const float deviation = std::sqrt((initializer == Initializer::kHe ? 2.0F : 1.0F) / inputs);
  const float bound = std::sqrt(6.0F / (inputs + outputs));
  for (std::size_t r = 0; r < weights.rows; ++r) {
    for (std::size_t c = 0; c < weights.columns; ++c) {
      weights.row(r)[c] = initializer == Initializer::kXavier
                              ? bound * (2.0F * random.uniform() - 1.0F)
                              : deviation * random.normal();
    }
  }
}

}  // namespace mnist
