// What a search tries that is given no space of its own.
#pragma once

#include <cstddef>

#include "base/shape.h"
#include "sweep/space.h"

namespace mnist {

/// Settings that all trials share where they are not given, for so many training rows.
Point own_settings(std::size_t rows);

/// The space for data of this shape: layers that fit it, convolutions among them where it is an
/// image of 6 x 6 or more; learning rate, weight decay, label smoothing; augmentation where the
/// images are square and of bytes, as it needs them.
Space own_space(const Shape& shape, bool bytes);

}  // namespace mnist
