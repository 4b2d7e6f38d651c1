// Converts a picture of a digit to the form of MNIST's images (LeCun, Cortes and Burges, "The MNIST
// database of handwritten digits"): light ink on black, the longer side of the bounding box 20 of
// 28 pixels, gray by anti-aliasing, the centre of mass in the middle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "data/picture.h"

namespace mnist {

constexpr std::size_t kMnistSide = 28;  // pixels

/// The ink of each pixel: 0 on the ground, 255 where it is strongest, whether the ink is darker or
/// lighter than the ground. Otsu's threshold separates the two. The picture's border is ground,
/// unless less than a third of the picture is like it. Differences up to four standard deviations
/// of the ground's noise are not ink.
Picture ink_of(const Picture& picture);

/// Ink in MNIST's form [side × side], scaled to a box of 20/28 of the side by averaging over areas.
/// An image that already has this form stays the same, byte for byte. Empty if there is no ink.
std::vector<std::uint8_t> to_mnist_form(const Picture& ink, std::size_t side);

}  // namespace mnist
