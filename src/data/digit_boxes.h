// Where the digits of a picture are.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/picture.h"

namespace mnist {

/// Pixels from the left and the top.
struct DigitBox {
  std::size_t left = 0;
  std::size_t top = 0;
  std::size_t width = 0;
  std::size_t height = 0;
};

/// The boxes of what can be digits in `ink` (see ink_of), line by line, left to right: strokes that
/// hang together or stand close above each other, without specks. None where there is no ink.
std::vector<DigitBox> digit_boxes(const Picture& ink);

/// The part of a picture in a box, with a margin of nothing around.
Picture cut_out(const Picture& ink, const DigitBox& box);

/// Why a picture's digits, in `boxes`, may be read wrong: little contrast, lines or shadows that
/// reach its edges, a shape as wide as digits that touch; empty where it is clear. `ink` is that of
/// `picture`.
std::string unclear(const Picture& picture, const Picture& ink, const std::vector<DigitBox>& boxes);

}  // namespace mnist
