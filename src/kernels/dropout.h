// Random masks for dropout. They are computed again whenever they are needed, instead of stored.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/matrix.h"

namespace mnist::kernels {

/// Identifies a mask: the key of a Philox stream and the last three words of its counter.
struct DropoutMask {
  std::array<std::uint32_t, 2> key;
  std::array<std::uint32_t, 3> stream;
};

/// out = in / (1 - rate) where the mask keeps a value, else 0. Row r of `in` is row `first_row` + r
/// of the batch. 16 random bits decide about each value, so the rate is accurate to 2^-16; the bits
/// are the same on every instruction set. `out` may be the same memory as `in`.
void dropout(const DropoutMask& mask, float rate, std::size_t first_row, ConstMatrix in,
             Matrix out);

}  // namespace mnist::kernels
