// The default search space, for a search without one from the user.
#pragma once

#include <cstddef>

#include "base/shape.h"
#include "sweep/space.h"

namespace mnist {

/// The settings that all trials share unless the user gives them, for this number of training rows.
Point own_settings(std::size_t rows);

/// The space for data of this shape: layers (with convolutions for images of 6 x 6 or more),
/// learning rate, weight decay and label smoothing; also augmentation if `bytes` and the images are
/// square, which it requires.
Space own_space(const Shape& shape, bool bytes);

}  // namespace mnist
