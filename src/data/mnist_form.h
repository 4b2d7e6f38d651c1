// Brings a picture of a digit into the form of MNIST's images (LeCun, Cortes and Burges, "The MNIST
// database of handwritten digits"): light ink on black, the longer side of its box 20 pixels of 28,
// gray by anti-aliasing, the centre of mass in the middle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "data/picture.h"

namespace mnist {

constexpr std::size_t kMnistSide = 28;  // pixels

/// How much ink each pixel holds: 0 on the ground, 255 where it is thickest, whether the ink is
/// darker or lighter than the ground. Otsu's threshold tells the two apart, the picture's border
/// which of them is the ground, unless less than a third of the picture is like its border. No more
/// than four standard deviations of the ground's own noise count as ink.
Picture ink_of(const Picture& picture);

/// Ink in MNIST's form [side × side]: scaled by averaging over areas to a box of 20/28 of the side.
/// Of an image that is so already it gives the same bytes. No values where there is no ink.
std::vector<std::uint8_t> to_mnist_form(const Picture& ink, std::size_t side);

}  // namespace mnist
