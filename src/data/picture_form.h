// Scales pictures.
#pragma once

#include <cstddef>

#include "data/picture.h"

namespace mnist {

/// The picture in width × height pixels, both at least 1. Each pixel is the mean of the area that
/// it covers, or the nearest pixel if that area is smaller than a pixel.
Picture scaled_picture(const Picture& picture, std::size_t width, std::size_t height);

/// The factor by which to reduce a picture before searching for digits: 2 if it has more than 16
/// megapixels, otherwise 1. Strokes in such a picture are many pixels wide, and the search would
/// take seconds.
std::size_t search_reduction(const Picture& picture);

/// The picture with `reduction` pixels along each axis averaged to one.
Picture reduced_picture(Picture picture, std::size_t reduction);

}  // namespace mnist
