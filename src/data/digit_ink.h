// Finds the ink of a digit in everyday pictures: in colour, on ruled paper, in a frame.
#pragma once

#include "data/picture.h"

namespace mnist {

/// The picture in shades of gray. If these hardly differ, as with red on green, the colour channel
/// with the largest contrast.
Picture clearest_shades(const Picture& picture);

/// The difference between the lightest and the darkest shade, ignoring a few outliers.
int contrast_of(const Picture& picture);

/// Ink (see ink_of) without lines across the whole picture, as on ruled and squared paper, and
/// without ink that fills one of its sides, as frames and the bars of a screen do. Unchanged if
/// nothing would be left.
Picture without_lines(const Picture& ink);

/// Prepares a picture of one digit: reduces it if it is very large, then applies clearest_shades,
/// ink_of and without_lines.
Picture digit_ink(const Picture& picture);

}  // namespace mnist
