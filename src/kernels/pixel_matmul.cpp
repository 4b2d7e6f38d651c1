#include "kernels/pixel_matmul.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pixel_matmul.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/pixel_scale-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kGroup = PixelBatch::kGroup;
constexpr std::size_t kRows = PixelBatch::kRows;
constexpr std::size_t kLoaded = PixelBatch::kLoaded;

// Vectors of columns held in registers: weights of kGroup features or sums of as many.
constexpr std::size_t kVectors = HWY_TARGET <= HWY_AVX3 ? 4 : 2;

// Groups whose values are kept while panel after panel of columns uses them; they fit the L2 cache.
constexpr std::size_t kForwardGroups = 196;
constexpr std::size_t kGradientGroups = 256;

using FloatTag = hn::CappedTag<float, 16>;  // divides padded rows

#if HWY_TARGET == HWY_SCALAR
HWY_INLINE void transpose_16(const std::uint8_t* const* rows, std::size_t offset,
                             std::uint8_t* HWY_RESTRICT out) {
  for (std::size_t f = 0; f < 16; ++f) {
    for (std::size_t i = 0; i < 16; ++i) out[f * kRows + i] = rows[i][offset + f];
  }
}

HWY_INLINE std::uint64_t nonzero_rows(const std::uint8_t* bytes) {
  std::uint64_t mask = 0;
  for (std::size_t i = 0; i < kGroup * kRows; ++i) {
    mask |= std::uint64_t{bytes[i] != 0} << i % kRows;
  }
  return mask;
}
#else
// Turns 16 pixels of 16 rows: four rounds of interleaving.
HWY_INLINE void transpose_16(const std::uint8_t* const* rows, std::size_t offset,
                             std::uint8_t* HWY_RESTRICT out) {
  const hn::FixedTag<std::uint8_t, 16> d;
  hn::VFromD<decltype(d)> a[16];
  hn::VFromD<decltype(d)> b[16];
  for (std::size_t i = 0; i < 16; ++i) a[i] = hn::LoadU(d, rows[i] + offset);
  // Interleaving row i with row i + 8 four times over brings the bits of the two indices to each
  // other's place.
  for (std::size_t i = 0; i < 8; ++i) {
    b[2 * i] = hn::InterleaveLower(d, a[i], a[i + 8]);
    b[2 * i + 1] = hn::InterleaveUpper(d, a[i], a[i + 8]);
  }
  for (std::size_t i = 0; i < 8; ++i) {
    a[2 * i] = hn::InterleaveLower(d, b[i], b[i + 8]);
    a[2 * i + 1] = hn::InterleaveUpper(d, b[i], b[i + 8]);
  }
  for (std::size_t i = 0; i < 8; ++i) {
    b[2 * i] = hn::InterleaveLower(d, a[i], a[i + 8]);
    b[2 * i + 1] = hn::InterleaveUpper(d, a[i], a[i + 8]);
  }
  for (std::size_t i = 0; i < 8; ++i) {
    hn::Store(hn::InterleaveLower(d, b[i], b[i + 8]), d, out + 2 * i * kRows);
    hn::Store(hn::InterleaveUpper(d, b[i], b[i + 8]), d, out + (2 * i + 1) * kRows);
  }
}

// Bit i: row i of a group has any of its features.
HWY_INLINE std::uint64_t nonzero_rows(const std::uint8_t* bytes) {
  const hn::CappedTag<std::uint8_t, kRows> d;
  const std::size_t lanes = hn::Lanes(d);
  std::uint64_t mask = 0;
  for (std::size_t i = 0; i < kRows; i += lanes) {
    auto any = hn::Load(d, bytes + i);
    for (std::size_t g = 1; g < kGroup; ++g) any = hn::Or(any, hn::Load(d, bytes + g * kRows + i));
    std::uint8_t bits[8] = {};
    hn::StoreMaskBits(d, hn::Ne(any, hn::Zero(d)), bits);
    std::uint64_t part;
    std::memcpy(&part, bits, sizeof part);
    mask |= part << i;
  }
  return mask;
}
#endif  // HWY_TARGET == HWY_SCALAR

// Features [begin, end) of the first n rows of a block into its bytes and masks.
void load_block(const std::uint8_t** rows, std::size_t n, std::size_t begin, std::size_t end,
                std::uint8_t* HWY_RESTRICT bytes, std::uint64_t* HWY_RESTRICT masks) {
  // A turn takes 16 rows; those past the end are any row, and no mask tells of them.
  const std::size_t turned = (n + 15) / 16 * 16;
  for (std::size_t i = n; i < turned; ++i) rows[i] = rows[0];
  const std::uint64_t all = n == kRows ? ~std::uint64_t{0} : (std::uint64_t{1} << n) - 1;
  for (std::size_t f = begin; f < end; f += kLoaded) {
    if (f + kLoaded <= end) {
      for (std::size_t i = 0; i < turned; i += 16) transpose_16(rows + i, f, bytes + f * kRows + i);
    } else {
      for (std::size_t g = f; g < end; ++g) {
        for (std::size_t i = 0; i < n; ++i) bytes[g * kRows + i] = rows[i][g];
      }
    }
    for (std::size_t g = f; g < std::min(end, f + kLoaded); g += kGroup) {
      masks[g / kGroup] = nonzero_rows(bytes + g * kRows) & all;
    }
  }
}

// The values of a group of features over the rows of a block, and which rows have any.
struct Group {
  std::uint64_t mask;
  alignas(64) float values[kGroup][kRows];
};

HWY_INLINE void load_group(const PixelBatch& batch, std::size_t block, std::size_t group,
                           std::uint64_t rows, Group& out) {
  const hn::CappedTag<float, 16> d;
  out.mask = batch.mask(block, group) & rows;
  if (out.mask == 0) return;
  const std::uint8_t* bytes = batch.bytes(block, group);
  float* HWY_RESTRICT values = out.values[0];
  for (std::size_t i = 0; i < kGroup * kRows; i += hn::Lanes(d)) {
    hn::Store(scaled_pixels(d, bytes + i), d, values + i);
  }
}

// Calls body(NV, column) for each panel of NV vectors of columns.
template <class Body>
HWY_INLINE void for_panels(std::size_t columns, const Body& body) {
  const std::size_t lanes = hn::Lanes(FloatTag());
  std::size_t column = 0;
  for (; column + kVectors * lanes <= columns; column += kVectors * lanes) {
    body(std::integral_constant<std::size_t, kVectors>(), column);
  }
  switch ((columns - column + lanes - 1) / lanes) {
    case 3:
      return body(std::integral_constant<std::size_t, 3>(), column);
    case 2:
      return body(std::integral_constant<std::size_t, 2>(), column);
    case 1:
      return body(std::integral_constant<std::size_t, 1>(), column);
    default:
      return;
  }
}

// z += values · weights for NV vectors of columns of all rows of the group's mask. The weights of
// the group that follows are fetched meanwhile: they are too far apart for the processor to
// foresee.
template <std::size_t NV>
HWY_INLINE void forward_group(const Group& group, std::size_t n, const float* HWY_RESTRICT weights,
                              std::size_t weights_stride, float* HWY_RESTRICT z,
                              std::size_t z_stride) {
  const FloatTag d;
  const std::size_t lanes = hn::Lanes(d);
  hn::VFromD<FloatTag> w[kGroup][NV];
  for (std::size_t g = 0; g < kGroup; ++g) {
    const float* row = weights + std::min(g, n - 1) * weights_stride;
    for (std::size_t i = 0; i < NV; ++i) {
      w[g][i] = hn::Load(d, row + i * lanes);
      hwy::Prefetch(row + kGroup * weights_stride + i * lanes);
    }
  }
  for (std::uint64_t mask = group.mask; mask != 0; mask &= mask - 1) {
    const auto r = static_cast<std::size_t>(std::countr_zero(mask));
    float* HWY_RESTRICT out = z + r * z_stride;
    hn::VFromD<FloatTag> sum[NV];
    for (std::size_t i = 0; i < NV; ++i) sum[i] = hn::Load(d, out + i * lanes);
    for (std::size_t g = 0; g < kGroup; ++g) {
      const auto value = hn::Set(d, group.values[g][r]);
      for (std::size_t i = 0; i < NV; ++i) sum[i] = hn::MulAdd(value, w[g][i], sum[i]);
    }
    for (std::size_t i = 0; i < NV; ++i) hn::Store(sum[i], d, out + i * lanes);
  }
}

template <std::size_t NV>
HWY_INLINE void gradient_group(const Group& group, const float* HWY_RESTRICT delta,
                               std::size_t delta_stride, hn::VFromD<FloatTag> (&sum)[kGroup][NV]) {
  const FloatTag d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::uint64_t mask = group.mask; mask != 0; mask &= mask - 1) {
    const auto r = static_cast<std::size_t>(std::countr_zero(mask));
    const float* HWY_RESTRICT row = delta + r * delta_stride;
    hn::VFromD<FloatTag> value[NV];
    for (std::size_t i = 0; i < NV; ++i) value[i] = hn::Load(d, row + i * lanes);
    for (std::size_t g = 0; g < kGroup; ++g) {
      const auto pixel = hn::Set(d, group.values[g][r]);
      for (std::size_t i = 0; i < NV; ++i) sum[g][i] = hn::MulAdd(pixel, value[i], sum[g][i]);
    }
  }
}

template <std::size_t NV>
HWY_INLINE void zero_sums(hn::VFromD<FloatTag> (&sum)[kGroup][NV]) {
  for (auto& row : sum) {
    for (auto& vector : row) vector = hn::Zero(FloatTag());
  }
}

// Bits [begin, end) of the rows of a block.
HWY_INLINE std::uint64_t row_bits(std::size_t begin, std::size_t end) {
  const std::uint64_t from_begin = ~std::uint64_t{0} << begin;
  return end == kRows ? from_begin : from_begin & ~(~std::uint64_t{0} << end);
}

void forward(const PixelBatch& batch, std::size_t row_begin, ConstMatrix weights, const float* bias,
             Matrix z) {
  const std::size_t columns = padded_stride(z.columns);
  const std::size_t features = weights.rows;
  // Values of many features are made once where several panels of columns need them.
  const std::size_t lanes = hn::Lanes(FloatTag());
  const std::size_t kept = columns <= kVectors * lanes ? 1 : kForwardGroups;
  static thread_local AlignedVector<Group> groups;
  if (groups.size() < kept) groups.resize(kept);
  const std::size_t row_end = row_begin + z.rows;
  for (std::size_t block = row_begin / kRows; block * kRows < row_end; ++block) {
    const std::size_t first = std::max(row_begin, block * kRows);
    const std::size_t last = std::min(row_end, (block + 1) * kRows);
    const std::uint64_t rows = row_bits(first - block * kRows, last - block * kRows);
    for (std::size_t r = first - row_begin; r < last - row_begin; ++r) {
      if (bias == nullptr) {
        std::fill_n(z.row(r), columns, 0.0F);
      } else {
        std::copy_n(bias, columns, z.row(r));
      }
    }
    // Where row 0 of the block is or would be.
    float* z_block = z.data + (static_cast<std::ptrdiff_t>(block * kRows) -
                               static_cast<std::ptrdiff_t>(row_begin)) *
                                  static_cast<std::ptrdiff_t>(z.stride);
    for (std::size_t begin = 0; begin < batch.groups(); begin += kept) {
      const std::size_t count = std::min(kept, batch.groups() - begin);
      for (std::size_t k = 0; k < count; ++k) load_group(batch, block, begin + k, rows, groups[k]);
      for_panels(columns, [&](auto vectors, std::size_t column) HWY_ATTR {
        for (std::size_t k = 0; k < count; ++k) {
          if (groups[k].mask == 0) continue;
          const std::size_t feature = (begin + k) * kGroup;
          forward_group<decltype(vectors)::value>(groups[k], std::min(kGroup, features - feature),
                                                  weights.row(feature) + column, weights.stride,
                                                  z_block + column, z.stride);
        }
      });
    }
  }
}

void gradient_of(const PixelBatch& batch, std::size_t feature_begin, ConstMatrix delta,
                 Matrix gradient) {
  const std::size_t columns = padded_stride(gradient.columns);
  const std::size_t lanes = hn::Lanes(FloatTag());
  const std::size_t blocks = (delta.rows + kRows - 1) / kRows;
  const std::size_t first_group = feature_begin / kGroup;
  const std::size_t group_count = (gradient.rows + kGroup - 1) / kGroup;
  const std::size_t kept =
      columns <= kVectors * lanes ? 1 : std::max<std::size_t>(1, kGradientGroups / (blocks + 1));
  static thread_local AlignedVector<Group> groups;
  if (groups.size() < kept * blocks) groups.resize(kept * blocks);
  for (std::size_t begin = 0; begin < group_count; begin += kept) {
    const std::size_t count = std::min(kept, group_count - begin);
    for (std::size_t k = 0; k < count; ++k) {
      for (std::size_t block = 0; block < blocks; ++block) {
        const std::uint64_t rows = row_bits(0, std::min(kRows, delta.rows - block * kRows));
        load_group(batch, block, first_group + begin + k, rows, groups[k * blocks + block]);
      }
    }
    for_panels(columns, [&](auto vectors, std::size_t column) HWY_ATTR {
      constexpr std::size_t kNv = decltype(vectors)::value;
      for (std::size_t k = 0; k < count; ++k) {
        const std::size_t row = (begin + k) * kGroup;
        hn::VFromD<FloatTag> sum[kGroup][kNv];
        zero_sums(sum);
        for (std::size_t block = 0; block < blocks; ++block) {
          gradient_group<kNv>(groups[k * blocks + block], delta.row(block * kRows) + column,
                              delta.stride, sum);
        }
        const std::size_t n = std::min(kGroup, gradient.rows - row);
        for (std::size_t g = 0; g < n; ++g) {
          for (std::size_t i = 0; i < kNv; ++i) {
            hn::Store(sum[g][i], FloatTag(), gradient.row(row + g) + column + i * lanes);
          }
        }
      }
    });
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace mnist::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace mnist::kernels {

HWY_EXPORT(load_block);
HWY_EXPORT(forward);
HWY_EXPORT(gradient_of);

PixelBatch::PixelBatch(std::size_t features, std::size_t max_rows)
    : features_(features), groups_((features + kGroup - 1) / kGroup) {
  const std::size_t blocks = (max_rows + kRows - 1) / kRows;
  bytes_.resize(blocks * groups_ * kGroup * kRows);
  masks_.resize(blocks * groups_);
}

void PixelBatch::load_block(std::size_t block, const std::uint8_t** rows, std::size_t n,
                            std::size_t begin, std::size_t end) {
  const std::size_t first = block * groups_;
  HWY_DYNAMIC_DISPATCH(load_block)
  (rows, n, begin, end, bytes_.data() + first * kGroup * kRows, masks_.data() + first);
}

void pixel_forward(const PixelBatch& batch, std::size_t row_begin, ConstMatrix weights,
                   const float* bias, Matrix z) {
  HWY_DYNAMIC_DISPATCH(forward)(batch, row_begin, weights, bias, z);
}

void pixel_gradient(const PixelBatch& batch, std::size_t feature_begin, ConstMatrix delta,
                    Matrix gradient) {
  HWY_DYNAMIC_DISPATCH(gradient_of)(batch, feature_begin, delta, gradient);
}

}  // namespace mnist::kernels

#endif  // HWY_ONCE
