// The ink of a digit on a picture as people take them: coloured, on ruled paper, in a frame.
#pragma once

#include "data/picture.h"

namespace mnist {

/// The picture in shades of gray; where these hardly differ, as of red on green, the colour whose
/// shades differ most.
Picture clearest_shades(const Picture& picture);

/// The difference between the lightest and the darkest shades, but for a few odd pixels.
int contrast_of(const Picture& picture);

/// Ink (see ink_of) without what is no digit: lines that run across the whole picture, as those of
/// ruled and squared paper, and what fills one of its sides, as frames and the bars of a screen. As
/// it is where nothing else is left.
Picture without_lines(const Picture& ink);

/// What of these prepares a picture of one digit: reduced if it is very large, then
/// clearest_shades, ink_of and without_lines.
Picture digit_ink(const Picture& picture);

}  // namespace mnist
