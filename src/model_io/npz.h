// NumPy's .npz: a zip archive of .npy files, one per tensor.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <string>

#include "nn/network.h"

namespace mnist {

/// The bytes of an archive whose entries numpy.load names as the weights file does ("0.weight",
/// "0.bias", ...), stored without compression. The same network gives the same bytes.
std::string to_npz(const Network& network);

}  // namespace mnist
