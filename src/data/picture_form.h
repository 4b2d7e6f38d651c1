// Pictures brought to a size.
#pragma once

#include <cstddef>

#include "data/picture.h"

namespace mnist {

/// The picture in width × height pixels, each the mean of the area that it covers, or the nearest
/// pixel where that is less than one. Both at least 1.
Picture scaled_picture(const Picture& picture, std::size_t width, std::size_t height);

/// How many pixels of a picture, along each axis, become one before digits are looked for: 2 if it
/// has more than 16 megapixels. Strokes are many pixels wide there, and the search takes seconds.
std::size_t search_reduction(const Picture& picture);

/// The picture with so many pixels along each axis averaged to one.
Picture reduced_picture(Picture picture, std::size_t reduction);

}  // namespace mnist
