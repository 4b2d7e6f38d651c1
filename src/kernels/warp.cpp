#include "kernels/warp.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/portable_math.h"
#include "kernels/matrix.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/warp.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::CappedTag<float, 16>;  // vectors of at most a cache line, as rows are padded
using IntTag = hn::Rebind<std::int32_t, FloatTag>;
using WordTag = hn::Rebind<std::uint32_t, FloatTag>;
using ByteTag = hn::Rebind<std::uint8_t, FloatTag>;

// out[i] = taps[0] · line(0)[i] + Σ taps[k] · (line(-k)[i] + line(k)[i]) over 1 <= k <= radius, for
// i < n, a multiple of 16.
template <class Line>
HWY_INLINE void convolve_line(const float* taps, std::ptrdiff_t radius, std::size_t n,
                              const Line& line, float* HWY_RESTRICT out) {
  const FloatTag d;
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    auto sum = hn::Mul(hn::Set(d, taps[0]), hn::LoadU(d, line(0) + i));
    for (std::ptrdiff_t k = 1; k <= radius; ++k) {
      const auto pair = hn::Add(hn::LoadU(d, line(-k) + i), hn::LoadU(d, line(k) + i));
      sum = hn::MulAdd(hn::Set(d, taps[k]), pair, sum);
    }
    hn::StoreU(sum, d, out + i);
  }
}

// Blurs columns first, into `rows` [side × side], then rows, back into `values`. `side` is a power
// of two; `line` holds side + 2 · radius numbers.
void blur_rows(const float* taps, std::size_t radius, std::size_t side, float* values,
               std::size_t stride, float* rows, float* line) {
  const auto reach = static_cast<std::ptrdiff_t>(radius);
  for (std::size_t y = 0; y < side; ++y) {
    const auto row = [&](std::ptrdiff_t k) {
      return values + ((y + static_cast<std::size_t>(k)) & (side - 1)) * stride;
    };
    convolve_line(taps, reach, side, row, rows + y * side);
  }
  for (std::size_t y = 0; y < side; ++y) {
    const float* row = rows + y * side;
    for (std::size_t i = 0; i < side + 2 * radius; ++i) line[i] = row[(i - radius) & (side - 1)];
    const auto shifted = [&](std::ptrdiff_t k) { return line + reach + k; };
    convolve_line(taps, reach, side, shifted, values + y * stride);
  }
}

// Packs the four pixels around a point into one word, so that one gather loads them: quads[y][x]
// contains, from its lowest byte on, the pixels at columns x and x + 1 of row y of `bytes`, then
// those of row y + 1. There are [rows × columns] quads.
HWY_INLINE void pack_quads(const std::uint8_t* HWY_RESTRICT bytes, std::size_t rows,
                           std::size_t columns, std::size_t stride,
                           std::uint32_t* HWY_RESTRICT quads) {
  const WordTag d;
  const ByteTag few_bytes;
  for (std::size_t x = 0; x < columns; x += hn::Lanes(d)) {
    const auto pair = [&](std::size_t y) HWY_ATTR {
      const std::uint8_t* source = bytes + y * stride + x;
      const auto left = hn::PromoteTo(d, hn::LoadU(few_bytes, source));
      const auto right = hn::PromoteTo(d, hn::LoadU(few_bytes, source + 1));
      return hn::Or(left, hn::ShiftLeft<8>(right));
    };
    auto upper = pair(0);
    for (std::size_t y = 0; y < rows; ++y) {
      const auto lower = pair(y + 1);
      hn::StoreU(hn::Or(upper, hn::ShiftLeft<16>(lower)), d, quads + y * stride + x);
      upper = lower;
    }
  }
}

// One byte of each word, as a float.
template <int kByte, class V>
HWY_INLINE hn::VFromD<FloatTag> byte_of(V words) {
  const auto byte = hn::And(hn::ShiftRight<8 * kByte>(words), hn::Set(WordTag(), 0xFFU));
  return hn::ConvertTo(FloatTag(), hn::BitCast(IntTag(), byte));
}

template <class V>
HWY_INLINE V interpolate(V from, V to, V part) {
  return hn::MulAdd(part, hn::Sub(to, from), from);
}

// The image's values at points (x, y) of `quads`, whose origin is one pixel to the left of and
// above the image's. `last_column` and `last_row` are the largest coordinates.
template <class V>
HWY_INLINE hn::VFromD<ByteTag> sample_at(const std::uint32_t* quads, std::size_t stride,
                                         V last_column, V last_row, V x, V y) {
  const FloatTag d;
  const IntTag ints;
  x = hn::Min(hn::Max(x, hn::Zero(d)), last_column);
  y = hn::Min(hn::Max(y, hn::Zero(d)), last_row);
  const auto column = hn::ConvertTo(d, hn::ConvertTo(ints, x));  // rounds down: x >= 0
  const auto row = hn::ConvertTo(d, hn::ConvertTo(ints, y));
  const auto index = hn::ConvertTo(
      ints, hn::MulAdd(row, hn::Set(d, static_cast<float>(stride)), column));  // exact below 2^24
  const auto quad = hn::GatherIndex(WordTag(), quads, index);
  const auto part_x = hn::Sub(x, column);
  const auto upper = interpolate(byte_of<0>(quad), byte_of<1>(quad), part_x);
  const auto lower = interpolate(byte_of<2>(quad), byte_of<3>(quad), part_x);
  const auto value = interpolate(upper, lower, hn::Sub(y, row));
  return hn::DemoteTo(ByteTag(), hn::NearestInt(value));
}

template <bool kDisplace>
HWY_INLINE void resample(const std::uint32_t* quads, std::size_t stride, std::size_t width,
                         std::size_t height, const WarpMap& map, std::uint8_t* HWY_RESTRICT out) {
  const FloatTag d;
  const ByteTag few_bytes;
  const std::size_t lanes = hn::Lanes(d);
  const auto last_column = hn::Set(d, static_cast<float>(width + 1));
  const auto last_row = hn::Set(d, static_cast<float>(height + 1));
  const auto xx = hn::Set(d, map.xx);
  const auto yx = hn::Set(d, map.yx);
  const auto dx_amplitude = hn::Set(d, map.dx_amplitude);
  const auto dy_amplitude = hn::Set(d, map.dy_amplitude);
  for (std::size_t row = 0; row < height; ++row) {
    const auto down = static_cast<float>(row);
    // + 1 for the border of the quads.
    const auto row_x = hn::Set(d, map.xy * down + map.x0 + 1);
    const auto row_y = hn::Set(d, map.yy * down + map.y0 + 1);
    for (std::size_t column = 0; column < width; column += lanes) {
      const auto across = hn::Iota(d, static_cast<float>(column));
      auto x = hn::MulAdd(xx, across, row_x);
      auto y = hn::MulAdd(yx, across, row_y);
      if constexpr (kDisplace) {
        const float* dx = map.dx->window(map.field_x, map.field_y + row) + column;
        const float* dy = map.dy->window(map.field_x, map.field_y + row) + column;
        x = hn::MulAdd(dx_amplitude, hn::LoadU(d, dx), x);
        y = hn::MulAdd(dy_amplitude, hn::LoadU(d, dy), y);
      }
      const auto pixels = sample_at(quads, stride, last_column, last_row, x, y);
      const std::size_t at = row * width + column;
      if (at + lanes <= width * height) {
        hn::StoreU(pixels, few_bytes, out + at);  // the next row overwrites bytes past the row
      } else {
        std::uint8_t tail[16];
        hn::StoreU(pixels, few_bytes, tail);
        std::copy_n(tail, width * height - at, out + at);
      }
    }
  }
}

void warp(const std::uint8_t* image, std::size_t width, std::size_t height, const WarpMap& map,
          std::uint8_t* HWY_RESTRICT out) {
  struct Scratch {
    std::size_t width = 0;
    std::size_t height = 0;
    AlignedVector<std::uint8_t> bytes;
    AlignedVector<std::uint32_t> quads;
  };
  static thread_local Scratch scratch;
  // A border of zeros, one pixel before the image and two after: points up to one pixel outside
  // blend with zero, and points further away are clamped to the border.
  const std::size_t rows = height + 2;  // of quads; of bytes there is one more, and one more column
  const std::size_t stride = padded_stride(width + 2);
  if (scratch.width != width || scratch.height != height) {
    scratch.width = width;
    scratch.height = height;
    scratch.bytes.assign((rows + 1) * stride + 1, 0);
    scratch.quads.assign(rows * stride, 0);
  }
  std::uint8_t* bytes = scratch.bytes.data();
  for (std::size_t y = 0; y < height; ++y) {
    std::copy_n(image + y * width, width, bytes + (y + 1) * stride + 1);
  }
  pack_quads(bytes, rows, width + 2, stride, scratch.quads.data());
  if (map.dx == nullptr) {
    resample<false>(scratch.quads.data(), stride, width, height, map, out);
  } else {
    resample<true>(scratch.quads.data(), stride, width, height, map, out);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace mnist::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace mnist::kernels {

HWY_EXPORT(blur_rows);
HWY_EXPORT(warp);

// Rows are so long that a window beginning at the last column ends inside the row, rounded up to
// whole vectors.
ToroidalField::ToroidalField(std::size_t window)
    : stride_(padded_stride(kSide + window + 16)), values_(kSide * stride_) {}

void ToroidalField::blur(float sigma) {
  static_assert((kSide & (kSide - 1)) == 0);
  const auto radius = static_cast<std::size_t>(std::ceil(3 * sigma));
  std::vector<float> taps(radius + 1);
  float sum = 0;
  for (std::size_t k = 0; k <= radius; ++k) {
    const double distance = static_cast<double>(k) / static_cast<double>(sigma);
    taps[k] = static_cast<float>(portable::exp(-distance * distance / 2));
    sum += k == 0 ? taps[k] : 2 * taps[k];
  }
  for (float& tap : taps) tap /= sum;

  AlignedVector<float> rows(kSide * kSide);
  AlignedVector<float> line(kSide + 2 * radius);
  HWY_DYNAMIC_DISPATCH(blur_rows)
  (taps.data(), radius, kSide, values_.data(), stride_, rows.data(), line.data());
  for (std::size_t y = 0; y < kSide; ++y) {
    for (std::size_t x = kSide; x < stride_; ++x) row(y)[x] = row(y)[x - kSide];
  }
}

void warp_image(const std::uint8_t* image, std::size_t width, std::size_t height,
                const WarpMap& map, std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(warp)(image, width, height, map, out);
}

}  // namespace mnist::kernels

#endif  // HWY_ONCE
