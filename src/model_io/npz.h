// NumPy's .npz: a zip archive of .npy files, one per tensor.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <string>

#include "nn/network.h"

namespace mnist {

/// The bytes of an archive. Its entries have the names of the weights file ("0.weight", "0.bias",
/// ...) and are not compressed. The same network gives the same bytes.
std::string to_npz(const Network& network);

}  // namespace mnist
