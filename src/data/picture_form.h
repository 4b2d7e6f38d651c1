// Pictures brought to a size.
#pragma once

#include <cstddef>

#include "data/picture.h"

namespace mnist {

/// The picture in width × height pixels, each the mean of the area that it covers, or the nearest
/// pixel where that is less than one. Both at least 1.
Picture scaled_picture(const Picture& picture, std::size_t width, std::size_t height);

}  // namespace mnist
