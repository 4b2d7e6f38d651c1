// Initial weights.
#pragma once

#include <cstdint>

#include "nn/parameter.h"

namespace mnist {

enum class Initializer {
  kHe,      // N(0, 2 / fan in): He, Zhang, Ren and Sun 2015
  kXavier,  // U(-a, a), a = sqrt(6 / (fan in + fan out)): Glorot and Bengio 2010
  kLecun,   // N(0, 1 / fan in): LeCun, Bottou, Orr and Müller 1998; also used by the article
};

/// Draws the initial weights of layer number `layer` of a network.
void initialize_weights(Initializer initializer, std::uint64_t seed, std::size_t layer,
                        const UnitWeights& weights);

}  // namespace mnist
