// A network as those need it who only predict with it.
#pragma once

#include "nn/network.h"

namespace mnist {

/// A network that predicts the same but for rounding: without dropout, and with each batch
/// normalisation folded into the dense layer next to it, which gets a bias for it. Those between
/// two activations stay.
Network inference_form(const Network& network);

}  // namespace mnist
