// Finds the digits in a picture.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/picture.h"

namespace mnist {

/// In pixels from the left and the top.
struct DigitBox {
  std::size_t left = 0;
  std::size_t top = 0;
  std::size_t width = 0;
  std::size_t height = 0;
};

/// The bounding boxes of possible digits in `ink` (see ink_of), line by line, left to right. A
/// digit consists of strokes that are connected or close above each other; specks are ignored.
/// Empty if there is no ink.
std::vector<DigitBox> digit_boxes(const Picture& ink);

/// The part of a picture inside a box, with an empty margin.
Picture cut_out(const Picture& ink, const DigitBox& box);

/// Why the digits in `boxes` may be recognised wrongly: little contrast, lines or shadows that
/// reach the edges, or a shape as wide as two digits that touch. Empty if the picture is clear.
/// `ink` is the ink of `picture`.
std::string unclear(const Picture& picture, const Picture& ink, const std::vector<DigitBox>& boxes);

}  // namespace mnist
