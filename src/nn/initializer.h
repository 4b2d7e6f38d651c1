// Initial weights of dense layers.
#pragma once

#include <cstdint>

#include "kernels/matrix.h"

namespace mnist {

enum class Initializer {
  kHe,      // N(0, 2 / inputs): He, Zhang, Ren and Sun 2015
  kXavier,  // U(-a, a), a = sqrt(6 / (inputs + outputs)): Glorot and Bengio 2010
  kLecun,   // N(0, 1 / inputs): LeCun, Bottou, Orr and Müller 1998; the article's as well
};

/// Fills weights [inputs × outputs] of the dense layer that is the `layer`-th of its network.
void initialize_weights(Initializer initializer, std::uint64_t seed, std::size_t layer,
                        Matrix weights);

}  // namespace mnist
