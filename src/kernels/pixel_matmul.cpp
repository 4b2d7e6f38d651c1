#include "kernels/pixel_matmul.h"

#include <algorithm>
#include <bit>
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

constexpr std::size_t kTile = PixelBatch::kTile;

// Features handled together: a row that has none of them costs nothing. Neighbouring pixels are
// zero together so often that four cost little more than one, and share the loads of the row's
// values.
constexpr std::size_t kGroup = 4;
// Rows handled together, one bit each of a mask.
constexpr std::size_t kRows = 64;
// Vectors of columns held in registers: weights of kGroup features or sums of as many.
constexpr std::size_t kVectors = HWY_TARGET <= HWY_AVX3 ? 4 : 2;

// Groups whose values are kept while panel after panel of columns uses them; they fit the L2 cache.
constexpr std::size_t kForwardGroups = 196;
constexpr std::size_t kGradientGroups = 256;

using FloatTag = hn::CappedTag<float, 16>;  // divides padded rows

#if HWY_TARGET != HWY_SCALAR
// Turns kTile rows of 16 bytes into 16 pixels of kTile rows: four rounds of interleaving.
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
    hn::Store(hn::InterleaveLower(d, b[i], b[i + 8]), d, out + 2 * i * kTile);
    hn::Store(hn::InterleaveUpper(d, b[i], b[i + 8]), d, out + (2 * i + 1) * kTile);
  }
}
#endif  // HWY_TARGET != HWY_SCALAR

void load_tile_rows(const std::uint8_t* const* rows, std::size_t n, std::size_t features,
                    std::uint8_t* out) {
  std::size_t f = 0;
#if HWY_TARGET != HWY_SCALAR
  if (n == kTile) {
    for (; f + 16 <= features; f += 16) transpose_16(rows, f, out + f * kTile);
  }
#endif
  for (; f < features; ++f) {
    for (std::size_t i = 0; i < kTile; ++i) {
      out[f * kTile + i] = i < n ? rows[i][f] : std::uint8_t{0};
    }
  }
}

// One group of features over up to kRows rows: which rows have any of them, and their values.
struct Group {
  std::uint64_t mask;
  alignas(64) float values[kGroup][kRows];
};

// A bit for each row of a tile that has any of the features [feature, feature + n).
HWY_INLINE std::uint64_t nonzero_rows(const PixelBatch& batch, std::size_t feature, std::size_t n,
                                      std::size_t tile) {
#if HWY_TARGET == HWY_SCALAR
  std::uint64_t mask = 0;
  for (std::size_t g = 0; g < n; ++g) {
    const std::uint8_t* bytes = batch.tile(tile, feature + g);
    for (std::size_t i = 0; i < kTile; ++i) mask |= std::uint64_t{bytes[i] != 0} << i;
  }
  return mask;
#else
  const hn::FixedTag<std::uint8_t, kTile> d;
  auto any = hn::Load(d, batch.tile(tile, feature));
  for (std::size_t g = 1; g < n; ++g) {
    any = hn::Or(any, hn::Load(d, batch.tile(tile, feature + g)));
  }
  std::uint8_t bits[8] = {};
  hn::StoreMaskBits(d, hn::Ne(any, hn::Zero(d)), bits);
  return bits[0] | static_cast<std::uint64_t>(bits[1]) << 8;
#endif
}

// Features [feature, feature + n) of the rows from tile `tile` on. The tiles of a group that has
// any are all converted, also those without: a branch that cannot be foreseen costs more.
HWY_INLINE void load_features(const PixelBatch& batch, std::size_t feature, std::size_t n,
                              std::size_t tile, std::size_t tiles, Group& group) {
  const hn::CappedTag<float, kTile> floats;
  group.mask = 0;
  for (std::size_t t = 0; t < tiles; ++t) {
    group.mask |= nonzero_rows(batch, feature, n, tile + t) << (t * kTile);
  }
  if (group.mask == 0) return;
  for (std::size_t t = 0; t < tiles; ++t) {
    for (std::size_t g = 0; g < n; ++g) {
      const std::uint8_t* source = batch.tile(tile + t, feature + g);
      for (std::size_t i = 0; i < kTile; i += hn::Lanes(floats)) {
        hn::Store(scaled_pixels(floats, source + i), floats, group.values[g] + t * kTile + i);
      }
    }
  }
}

HWY_INLINE void load_group(const PixelBatch& batch, std::size_t feature, std::size_t n,
                           std::size_t tile, std::size_t tiles, Group& group) {
  if (n == kGroup) return load_features(batch, feature, kGroup, tile, tiles, group);
  load_features(batch, feature, n, tile, tiles, group);
  for (std::size_t g = n; g < kGroup; ++g) std::fill_n(group.values[g], kRows, 0.0F);
}

// Features [begin, end) in groups, the last of which may be short.
constexpr std::size_t group_count(std::size_t features) { return (features + kGroup - 1) / kGroup; }

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

void forward(const PixelBatch& batch, std::size_t row_begin, ConstMatrix weights, const float* bias,
             Matrix z) {
  const std::size_t columns = padded_stride(z.columns);
  const std::size_t features = weights.rows;
  // Values of many features are made once where several panels of columns need them.
  const std::size_t lanes = hn::Lanes(FloatTag());
  const std::size_t block = columns <= kVectors * lanes ? 1 : kForwardGroups;
  static thread_local AlignedVector<Group> groups;
  if (groups.size() < block) groups.resize(block);
  for (std::size_t r = 0; r < z.rows; r += kRows) {
    const std::size_t rows = std::min(kRows, z.rows - r);
    const std::size_t tiles = (rows + kTile - 1) / kTile;
    for (std::size_t i = r; i < r + rows; ++i) {
      if (bias == nullptr) {
        std::fill_n(z.row(i), columns, 0.0F);
      } else {
        std::copy_n(bias, columns, z.row(i));
      }
    }
    for (std::size_t f = 0; f < features; f += block * kGroup) {
      const std::size_t count = std::min(block, group_count(features - f));
      for (std::size_t k = 0; k < count; ++k) {
        const std::size_t feature = f + k * kGroup;
        load_group(batch, feature, std::min(kGroup, features - feature), (row_begin + r) / kTile,
                   tiles, groups[k]);
      }
      for_panels(columns, [&](auto vectors, std::size_t column) HWY_ATTR {
        for (std::size_t k = 0; k < count; ++k) {
          const std::size_t feature = f + k * kGroup;
          forward_group<decltype(vectors)::value>(groups[k], std::min(kGroup, features - feature),
                                                  weights.row(feature) + column, weights.stride,
                                                  z.row(r) + column, z.stride);
        }
      });
    }
  }
}

void gradient_of(const PixelBatch& batch, std::size_t feature_begin, ConstMatrix delta,
                 Matrix gradient) {
  const std::size_t columns = padded_stride(gradient.columns);
  const std::size_t lanes = hn::Lanes(FloatTag());
  const std::size_t row_blocks = (delta.rows + kRows - 1) / kRows;
  const std::size_t block = columns <= kVectors * lanes
                                ? 1
                                : std::max<std::size_t>(1, kGradientGroups / (row_blocks + 1));
  static thread_local AlignedVector<Group> groups;
  if (groups.size() < block * row_blocks) groups.resize(block * row_blocks);
  for (std::size_t f = 0; f < gradient.rows; f += block * kGroup) {
    const std::size_t count = std::min(block, group_count(gradient.rows - f));
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t feature = f + k * kGroup;
      for (std::size_t b = 0; b < row_blocks; ++b) {
        const std::size_t rows = std::min(kRows, delta.rows - b * kRows);
        load_group(batch, feature_begin + feature, std::min(kGroup, gradient.rows - feature),
                   b * (kRows / kTile), (rows + kTile - 1) / kTile, groups[k * row_blocks + b]);
      }
    }
    for_panels(columns, [&](auto vectors, std::size_t column) HWY_ATTR {
      constexpr std::size_t kNv = decltype(vectors)::value;
      for (std::size_t k = 0; k < count; ++k) {
        const std::size_t feature = f + k * kGroup;
        hn::VFromD<FloatTag> sum[kGroup][kNv];
        zero_sums(sum);
        for (std::size_t b = 0; b < row_blocks; ++b) {
          gradient_group<kNv>(groups[k * row_blocks + b], delta.row(b * kRows) + column,
                              delta.stride, sum);
        }
        const std::size_t n = std::min(kGroup, gradient.rows - feature);
        for (std::size_t g = 0; g < n; ++g) {
          for (std::size_t i = 0; i < kNv; ++i) {
            hn::Store(sum[g][i], FloatTag(), gradient.row(feature + g) + column + i * lanes);
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

HWY_EXPORT(load_tile_rows);
HWY_EXPORT(forward);
HWY_EXPORT(gradient_of);

PixelBatch::PixelBatch(std::size_t features, std::size_t max_rows)
    : features_(features), bytes_((max_rows + kTile - 1) / kTile * kTile * features) {}

void PixelBatch::load_tile(std::size_t tile, const std::uint8_t* const* rows, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(load_tile_rows)
  (rows, n, features_, bytes_.data() + tile * features_ * kTile);
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
