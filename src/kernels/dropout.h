// Random masks for dropout, drawn anew wherever they are needed instead of kept.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/matrix.h"

namespace mnist::kernels {

/// Names a mask: the key of a Philox stream and the last three words of its counter.
struct DropoutMask {
  std::array<std::uint32_t, 2> key;
  std::array<std::uint32_t, 3> stream;
};

/// out = in / (1 - rate) where the mask keeps a value, else 0. Row r of the mask is that of row
/// `first_row` + r of the batch. Values are kept or dropped by 16 random bits each, so the rate is
/// met to within 2^-16, and by the same bits on every instruction set. out may be in itself.
void dropout(const DropoutMask& mask, float rate, std::size_t first_row, ConstMatrix in,
             Matrix out);

}  // namespace mnist::kernels
