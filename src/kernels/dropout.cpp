#include "kernels/dropout.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/dropout.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

// A row of n columns uses ceil(n / 8) Philox blocks of four words. The half words of block b are
// the random bits of the columns b, b + blocks, b + 2 · blocks, ...; so a vector of consecutive
// blocks gives the bits of consecutive columns.

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kPerBlock = 8;

#if HWY_TARGET != HWY_SCALAR

using WordTag = hn::CappedTag<std::uint32_t, 16>;
using Words = hn::VFromD<WordTag>;

// The high and low words of a · m in every lane.
HWY_INLINE void multiply_wide(Words a, Words m, Words& high, Words& low) {
  const WordTag d;
  const hn::Repartition<std::uint64_t, WordTag> wide;
  const auto even = hn::MulEven(a, m);
  const auto odd = hn::MulEven(hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(wide, a))), m);
  high = hn::OddEven(hn::BitCast(d, odd), hn::BitCast(d, hn::ShiftRight<32>(even)));
  low = hn::Mul(a, m);
}

// philox4x32 of base/random.h, one counter per lane. Separate variables, because SVE vectors cannot
// be array elements.
HWY_INLINE void philox_lanes(Words& c0, Words& c1, Words& c2, Words& c3,
                             std::array<std::uint32_t, 2> key) {
  const WordTag d;
  for (int round = 0; round < philox::kRounds; ++round) {
    Words high0, low0, high1, low1;
    multiply_wide(c0, hn::Set(d, philox::kMultiplier0), high0, low0);
    multiply_wide(c2, hn::Set(d, philox::kMultiplier1), high1, low1);
    c0 = hn::Xor(hn::Xor(high1, c1), hn::Set(d, key[0]));
    c1 = low1;
    c2 = hn::Xor(hn::Xor(high0, c3), hn::Set(d, key[1]));
    c3 = low0;
    key[0] += philox::kKeyStep0;
    key[1] += philox::kKeyStep1;
  }
}

HWY_INLINE void keep_or_drop(Words bits, Words threshold, float scale, const float* in, float* out,
                             std::size_t n) {
  const hn::RebindToFloat<WordTag> d;
  // Both have 16 bits, so a signed comparison of the words is correct, and AVX2 has no unsigned
  // one.
  const hn::RebindToSigned<WordTag> ints;
  const auto drop = hn::Lt(hn::BitCast(ints, bits), hn::BitCast(ints, threshold));
  const auto keep = hn::RebindMask(d, hn::Not(drop));
  if (n >= hn::Lanes(d)) {
    const auto value = hn::Mul(hn::LoadU(d, in), hn::Set(d, scale));
    hn::StoreU(hn::IfThenElseZero(keep, value), d, out);
    return;
  }
  float part[16] = {};
  std::copy_n(in, n, part);
  const auto value = hn::Mul(hn::LoadU(d, part), hn::Set(d, scale));
  hn::StoreU(hn::IfThenElseZero(keep, value), d, part);
  std::copy_n(part, n, out);
}

void dropout_row(const DropoutMask& mask, std::uint32_t threshold, float scale, std::uint32_t row,
                 const float* in, float* out, std::size_t n) {
  const WordTag d;
  const std::size_t blocks = (n + kPerBlock - 1) / kPerBlock;
  const Words limit = hn::Set(d, threshold);
  for (std::size_t b = 0; b < blocks; b += hn::Lanes(d)) {
    // Word 0 of the counter numbers the blocks of all rows.
    const auto first = static_cast<std::uint32_t>(row * blocks + b);
    Words c0 = hn::Iota(d, first);
    Words c1 = hn::Set(d, mask.stream[0]);
    Words c2 = hn::Set(d, mask.stream[1]);
    Words c3 = hn::Set(d, mask.stream[2]);
    philox_lanes(c0, c1, c2, c3, mask.key);
    const std::size_t lanes = std::min(hn::Lanes(d), blocks - b);
    const auto half = [&](Words bits, std::size_t index) HWY_ATTR {
      const std::size_t column = index * blocks + b;
      if (column >= n) return;
      keep_or_drop(bits, limit, scale, in + column, out + column, std::min(lanes, n - column));
    };
    const auto word = [&](Words both, std::size_t index) HWY_ATTR {
      half(hn::And(both, hn::Set(d, 0xFFFFU)), 2 * index);
      half(hn::ShiftRight<16>(both), 2 * index + 1);
    };
    word(c0, 0);
    word(c1, 1);
    word(c2, 2);
    word(c3, 3);
  }
}

#else

void dropout_row(const DropoutMask& mask, std::uint32_t threshold, float scale, std::uint32_t row,
                 const float* in, float* out, std::size_t n) {
  const std::size_t blocks = (n + kPerBlock - 1) / kPerBlock;
  for (std::size_t b = 0; b < blocks; ++b) {
    const auto words = philox4x32({static_cast<std::uint32_t>(row * blocks + b), mask.stream[0],
                                   mask.stream[1], mask.stream[2]},
                                  mask.key);
    for (std::size_t i = 0; i < kPerBlock && i * blocks + b < n; ++i) {
      const std::uint32_t bits = words[i / 2] >> (16 * (i % 2)) & 0xFFFFU;
      const std::size_t column = i * blocks + b;
      out[column] = bits >= threshold ? in[column] * scale : 0.0F;
    }
  }
}

#endif

void dropout_rows(const DropoutMask& mask, float rate, std::size_t first_row, ConstMatrix in,
                  Matrix out) {
  const auto threshold = static_cast<std::uint32_t>(std::lround(rate * 65536.0F));
  for (std::size_t r = 0; r < in.rows; ++r) {
    dropout_row(mask, threshold, 1 / (1 - rate), static_cast<std::uint32_t>(first_row + r),
                in.row(r), out.row(r), in.columns);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace mnist::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace mnist::kernels {

HWY_EXPORT(dropout_rows);

void dropout(const DropoutMask& mask, float rate, std::size_t first_row, ConstMatrix in,
             Matrix out) {
  HWY_DASSERT(same_shape(in, out) && rate >= 0 && rate < 1);
  HWY_DYNAMIC_DISPATCH(dropout_rows)(mask, rate, first_row, in, out);
}

}  // namespace mnist::kernels

#endif  // HWY_ONCE
