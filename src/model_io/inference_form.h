// A network as those need it who only predict with it.
#pragma once

#include "nn/network.h"

namespace mnist {

/// A network that predicts the same without the layers that matter to training alone.
Network inference_form(const Network& network);

}  // namespace mnist
