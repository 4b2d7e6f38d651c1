// A network as those need it who only predict with it.
#pragma once

#include "nn/network.h"

namespace mnist {

/// A network that predicts the same but for rounding, of dense layers and activations alone:
/// without dropout, and with each batch normalisation folded into the dense layer next to it, which
/// gets a bias for it. Throws Error(kUsage) where activations lie on both sides of one.
Network inference_form(const Network& network);

}  // namespace mnist
