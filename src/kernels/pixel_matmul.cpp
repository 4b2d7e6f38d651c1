#include "kernels/pixel_matmul.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <type_traits>

#include "kernels/fixed_vectors.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pixel_matmul.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kGroup = PixelBatch::kGroup;
constexpr std::size_t kRows = PixelBatch::kRows;
constexpr std::size_t kLoaded = PixelBatch::kLoaded;

// Vectors of columns in a panel: the weights, or the sums, of kGroup features fit the registers.
constexpr std::size_t kVectors = HWY_TARGET <= HWY_AVX3 ? 4 : 2;

using FloatTag = hn::CappedTag<float, 16>;  // vectors of at most a cache line, as rows are padded
using HalfTag = hn::Half<FloatTag>;
constexpr std::size_t kLanes = hn::MaxLanes(FloatTag());

// Whether a half vector costs less than a whole one.
constexpr bool kHalves = kLanes >= 8;

#if HWY_TARGET == HWY_SCALAR
HWY_INLINE void turn(const std::uint8_t* const* rows, std::size_t n, std::size_t offset,
                     std::uint8_t* HWY_RESTRICT out) {
  for (std::size_t f = 0; f < kLoaded; ++f) {
    for (std::size_t i = 0; i < n; ++i) out[f * kRows + i] = rows[i][offset + f];
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
using ByteTag = hn::CappedTag<std::uint8_t, kRows>;

// A vector whose j-th block of 16 bytes is from row 16 j.
template <std::size_t kSize>
HWY_INLINE auto load_blocks(const std::uint8_t* const* rows, std::size_t offset) {
  const hn::CappedTag<std::uint8_t, kSize> d;
  if constexpr (kSize == 16) {
    return hn::LoadU(d, rows[0] + offset);
  } else {
    return hn::Combine(d, load_blocks<kSize / 2>(rows + kSize / 2, offset),
                       load_blocks<kSize / 2>(rows, offset));
  }
}

// Transposes kLoaded pixels of n rows; the number of rows is rounded up to whole vectors.
HWY_INLINE void turn(const std::uint8_t* const* rows, std::size_t n, std::size_t offset,
                     std::uint8_t* HWY_RESTRICT out) {
  const ByteTag d;
  constexpr std::size_t kBytes = hn::MaxLanes(d);
  static_assert(kLoaded == 16);
  hn::VFromD<ByteTag> a[16];
  hn::VFromD<ByteTag> b[16];
  for (std::size_t row = 0; row < n; row += kBytes) {
    for (std::size_t i = 0; i < 16; ++i) a[i] = load_blocks<kBytes>(rows + row + i, offset);
    // Interleaving row i with row i + 8 four times transposes a 16 × 16 block, because each time
    // the bits of the row and column indices rotate by one.
    for (std::size_t round = 0; round < 2; ++round) {
      for (std::size_t i = 0; i < 8; ++i) {
        b[2 * i] = hn::InterleaveLower(d, a[i], a[i + 8]);
        b[2 * i + 1] = hn::InterleaveUpper(d, a[i], a[i + 8]);
      }
      for (std::size_t i = 0; i < 8; ++i) {
        a[2 * i] = hn::InterleaveLower(d, b[i], b[i + 8]);
        a[2 * i + 1] = hn::InterleaveUpper(d, b[i], b[i + 8]);
      }
    }
    for (std::size_t i = 0; i < 16; ++i) hn::Store(a[i], d, out + i * kRows + row);
  }
}

// A mask: bit i is set if a feature of the group is nonzero in row i.
HWY_INLINE std::uint64_t nonzero_rows(const std::uint8_t* bytes) {
  const ByteTag d;
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

// Loads the features [begin, end) of the first n rows of a block into its bytes and masks.
void load_block(const std::uint8_t** rows, std::size_t n, std::size_t begin, std::size_t end,
                std::uint8_t* HWY_RESTRICT bytes, std::uint64_t* HWY_RESTRICT masks) {
  // Missing rows repeat row 0; the masks exclude them.
  for (std::size_t i = n; i < kRows; ++i) rows[i] = rows[0];
  const std::uint64_t all = n == kRows ? ~std::uint64_t{0} : (std::uint64_t{1} << n) - 1;
  for (std::size_t f = begin; f < end; f += kLoaded) {
    if (f + kLoaded <= end) {
      turn(rows, n, f, bytes + f * kRows);
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

// A table of pixel / 255. Looking up the values of nonzero pixels costs less than converting all
// pixels, most of which are zero.
constexpr std::array<float, 256> kScaled = [] {
  std::array<float, 256> scaled{};
  for (std::size_t i = 0; i < scaled.size(); ++i) scaled[i] = static_cast<float>(i) / 255.0F;
  return scaled;
}();

// kWhole vectors of neighbouring columns and, with kHalf, half a vector more. Recursive members
// instead of an array, because compilers put arrays into memory.
template <std::size_t kWhole, bool kHalf>
struct Columns {
  hn::VFromD<FloatTag> first;
  Columns<kWhole - 1, kHalf> rest;

  static constexpr std::size_t width() { return (kWhole + kHalf) * kLanes; }
  static HWY_INLINE Columns zero() {
    return {hn::Zero(FloatTag()), Columns<kWhole - 1, kHalf>::zero()};
  }
  static HWY_INLINE Columns load(const float* from) {
    return {hn::Load(FloatTag(), from), Columns<kWhole - 1, kHalf>::load(from + kLanes)};
  }
  HWY_INLINE void store(float* to) const {
    hn::Store(first, FloatTag(), to);
    rest.store(to + kLanes);
  }
  // The same, and fills up a half vector with zeros.
  HWY_INLINE void store_padded(float* to) const {
    hn::Store(first, FloatTag(), to);
    rest.store_padded(to + kLanes);
  }
  // Adds value · other; all lanes of `value` are equal.
  HWY_INLINE void add(hn::VFromD<FloatTag> value, const Columns& other) {
    first = hn::MulAdd(value, other.first, first);
    rest.add(value, other.rest);
  }
};

template <>
struct Columns<0, true> {
  hn::VFromD<HalfTag> half;

  static HWY_INLINE Columns zero() { return {hn::Zero(HalfTag())}; }
  static HWY_INLINE Columns load(const float* from) { return {hn::Load(HalfTag(), from)}; }
  HWY_INLINE void store(float* to) const { hn::Store(half, HalfTag(), to); }
  HWY_INLINE void store_padded(float* to) const {
    store(to);
    hn::Store(hn::Zero(HalfTag()), HalfTag(), to + hn::Lanes(HalfTag()));
  }
  HWY_INLINE void add(hn::VFromD<FloatTag> value, const Columns& other) {
    half = hn::MulAdd(hn::LowerHalf(HalfTag(), value), other.half, half);
  }
  static constexpr std::size_t width() { return kLanes; }
};

template <>
struct Columns<0, false> {
  static HWY_INLINE Columns zero() { return {}; }
  static HWY_INLINE Columns load(const float* /*from*/) { return {}; }
  HWY_INLINE void store(float* /*to*/) const {}
  HWY_INLINE void store_padded(float* /*to*/) const {}
  HWY_INLINE void add(hn::VFromD<FloatTag> /*value*/, const Columns& /*other*/) {}
};

// Calls body(std::type_identity<Columns<...>>()) for this number of whole vectors and `half`.
template <std::size_t kWhole, class Body>
HWY_INLINE void with_columns(std::size_t whole, bool half, const Body& body) {
  if constexpr (kWhole > 0) {
    if (whole < kWhole) return with_columns<kWhole - 1>(whole, half, body);
    if (!half) return body(std::type_identity<Columns<kWhole, false>>());
  }
  if (half) body(std::type_identity<Columns<kWhole, true>>());
}

// Divides the columns into panels of at most kVectors vectors and calls
// body(std::type_identity<Columns<...>>(), column) for each.
template <class Body>
HWY_INLINE void for_panels(std::size_t columns, const Body& body) {
  for (std::size_t column = 0; column < columns; column += kVectors * kLanes) {
    const std::size_t width = std::min(kVectors * kLanes, columns - column);
    const std::size_t beyond = width % kLanes;
    const bool half = kHalves && 0 < beyond && beyond <= kLanes / 2;
    with_columns<kVectors>(width / kLanes + (beyond > 0 && !half), half,
                           [&](auto panel) HWY_ATTR { body(panel, column); });
  }
}

// Fills the padding after the last vector of each row with zeros, if vectors are shorter than a
// cache line.
void pad(Matrix x) {
  const std::size_t padded = padded_stride(x.columns);
  const std::size_t written = (x.columns + kLanes - 1) / kLanes * kLanes;
  for (std::size_t r = 0; written < padded && r < x.rows; ++r) {
    std::fill(x.row(r) + written, x.row(r) + padded, 0.0F);
  }
}

static_assert(kGroup == 2);

HWY_INLINE hn::VFromD<FloatTag> scaled(std::uint8_t pixel) {
  return hn::Set(FloatTag(), kScaled[pixel]);
}

// A mask with the bits [begin, end).
HWY_INLINE std::uint64_t row_bits(std::size_t begin, std::size_t end) {
  const std::uint64_t from_begin = ~std::uint64_t{0} << begin;
  return end == kRows ? from_begin : from_begin & ~(~std::uint64_t{0} << end);
}

// The features [feature_begin, feature_end) of a batch, in groups of two.
struct Groups {
  Groups(const PixelBatch& pixels, std::size_t feature_begin, std::size_t feature_end)
      : batch(pixels),
        begin(feature_begin / kGroup),
        end((feature_end + kGroup - 1) / kGroup),
        features(feature_end) {}

  const PixelBatch& batch;
  std::size_t begin;
  std::size_t end;
  std::size_t features;  // the end of the features; the last group may have only one
};

// sums += pixels · weights, for a panel of columns and the rows of a block in `rows`. `weights`
// points to the panel's first column of the groups' first feature. Prefetches the weights of the
// next group, because their stride is too large for hardware prefetchers. Not inlined, so that the
// compiler has enough registers.
template <class Cols>
HWY_NOINLINE void forward_panel(const Groups& groups, std::size_t block, std::uint64_t rows,
                                const float* HWY_RESTRICT weights, std::size_t weights_stride,
                                float* HWY_RESTRICT sums) {
  const std::uint64_t* masks = groups.batch.masks(block);
  const std::uint8_t* pixels = groups.batch.bytes(block) + groups.begin * kGroup * kRows;
  const std::size_t last = groups.features - 1;
  const float* even = weights;
  for (std::size_t group = groups.begin; group < groups.end; ++group) {
    std::uint64_t mask = masks[group] & rows;
    const float* odd = group * kGroup < last ? even + weights_stride : even;
    if (mask != 0) {
      const Cols even_weights = Cols::load(even);
      const Cols odd_weights = Cols::load(odd);
      for (std::size_t i = 0; i < Cols::width(); i += kFloatsPerLine) {
        hwy::Prefetch(even + kGroup * weights_stride + i);
        hwy::Prefetch(odd + kGroup * weights_stride + i);
      }
      do {
        const auto r = static_cast<std::size_t>(std::countr_zero(mask));
        Cols sum = Cols::load(sums + r * Cols::width());
        sum.add(scaled(pixels[r]), even_weights);
        sum.add(scaled(pixels[kRows + r]), odd_weights);
        sum.store(sums + r * Cols::width());
        mask &= mask - 1;
      } while (mask != 0);
    }
    even += kGroup * weights_stride;
    pixels += kGroup * kRows;
  }
}

// Computes a panel of columns of the gradient. `delta` and `gradient` point to the panel's first
// column in row 0 and in the first feature's row. Loops over blocks of rows first, so that the rows
// of `delta` stay in the L1 cache.
template <class Cols>
HWY_NOINLINE void gradient_panel(const Groups& groups, std::size_t rows,
                                 const float* HWY_RESTRICT delta, std::size_t delta_stride,
                                 float* HWY_RESTRICT gradient, std::size_t gradient_stride) {
  for (std::size_t row = 0; row == 0 || row < rows; row += kRows) {
    const std::uint64_t* masks = groups.batch.masks(row / kRows);
    const std::uint8_t* pixels = groups.batch.bytes(row / kRows) + groups.begin * kGroup * kRows;
    const std::uint64_t bits = row_bits(0, std::min(kRows, rows - row));
    float* even = gradient;
    for (std::size_t group = groups.begin; group < groups.end; ++group) {
      const bool pair = group * kGroup + 1 < groups.features;
      float* odd = even + gradient_stride;
      Cols even_sum = row == 0 ? Cols::zero() : Cols::load(even);
      Cols odd_sum = row == 0 || !pair ? Cols::zero() : Cols::load(odd);
      for (std::uint64_t mask = masks[group] & bits; mask != 0; mask &= mask - 1) {
        const auto r = static_cast<std::size_t>(std::countr_zero(mask));
        const Cols row_delta = Cols::load(delta + r * delta_stride);
        even_sum.add(scaled(pixels[r]), row_delta);
        odd_sum.add(scaled(pixels[kRows + r]), row_delta);
      }
      even_sum.store_padded(even);
      if (pair) odd_sum.store_padded(odd);
      even += kGroup * gradient_stride;
      pixels += kGroup * kRows;
    }
    delta += kRows * delta_stride;
  }
}

// Loops over panels of columns first: their weights stay in the L2 cache while blocks of rows
// stream by. The sums of a block are contiguous meanwhile.
void forward(const PixelBatch& batch, std::size_t row_begin, std::size_t feature_begin,
             ConstMatrix weights, const float* bias, Matrix z) {
  HWY_ALIGN float sums[kRows * kVectors * kLanes];
  const std::size_t row_end = row_begin + z.rows;
  const Groups groups(batch, feature_begin, feature_begin + weights.rows);
  for_panels(z.columns, [&](auto panel, std::size_t column) HWY_ATTR {
    using Cols = typename decltype(panel)::type;
    for (std::size_t block = row_begin / kRows; block * kRows < row_end; ++block) {
      const std::size_t first = std::max(row_begin, block * kRows) - block * kRows;
      const std::size_t last = std::min(row_end, (block + 1) * kRows) - block * kRows;
      const Cols start = bias == nullptr ? Cols::zero() : Cols::load(bias + column);
      for (std::size_t r = first; r < last; ++r) start.store(sums + r * Cols::width());
      forward_panel<Cols>(groups, block, row_bits(first, last), weights.data + column,
                          weights.stride, sums);
      for (std::size_t r = first; r < last; ++r) {
        Cols::load(sums + r * Cols::width())
            .store_padded(z.row(block * kRows + r - row_begin) + column);
      }
    }
  });
  pad(z);
}

void gradient_of(const PixelBatch& batch, std::size_t feature_begin, ConstMatrix delta,
                 Matrix gradient) {
  const Groups groups(batch, feature_begin, feature_begin + gradient.rows);
  for_panels(gradient.columns, [&](auto panel, std::size_t column) HWY_ATTR {
    using Cols = typename decltype(panel)::type;
    gradient_panel<Cols>(groups, delta.rows, delta.data + column, delta.stride,
                         gradient.data + column, gradient.stride);
  });
  pad(gradient);
}

void add_rows(ConstMatrix x, ConstMatrix y, Matrix sum) {
  const FloatTag d;
  const std::size_t columns = padded_stride(sum.columns);
  for (std::size_t r = 0; r < sum.rows; ++r) {
    for (std::size_t c = 0; c < columns; c += kLanes) {
      hn::Store(hn::Add(hn::Load(d, x.row(r) + c), hn::Load(d, y.row(r) + c)), d, sum.row(r) + c);
    }
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
HWY_EXPORT(add_rows);

PixelBatch::PixelBatch(std::size_t features, std::size_t max_rows)
    : features_(features), groups_((features + kGroup - 1) / kGroup) {
  const std::size_t blocks = (max_rows + kRows - 1) / kRows;
  bytes_.resize(blocks * groups_ * kGroup * kRows);
  masks_.resize(blocks * groups_);
}

void PixelBatch::load_block(std::size_t block, const std::uint8_t** rows, std::size_t n,
                            std::size_t begin, std::size_t end) {
  HWY_DASSERT(begin <= end && end <= features_ && (begin % kLoaded == 0 || begin == end));
  HWY_DASSERT(end % kLoaded == 0 || end == features_);
  const std::size_t first = block * groups_;
  HWY_DYNAMIC_DISPATCH(load_block)
  (rows, n, begin, end, bytes_.data() + first * kGroup * kRows, masks_.data() + first);
}

void pixel_forward(const PixelBatch& batch, std::size_t row_begin, std::size_t feature_begin,
                   ConstMatrix weights, const float* bias, Matrix z) {
  HWY_DASSERT(feature_begin % PixelBatch::kGroup == 0);
  HWY_DASSERT(feature_begin + weights.rows <= batch.features());
  HWY_DASSERT(weights.columns == z.columns && padded_stride(z.columns) <= z.stride);
  HWY_DYNAMIC_DISPATCH(forward)(batch, row_begin, feature_begin, weights, bias, z);
}

void pixel_gradient(const PixelBatch& batch, std::size_t feature_begin, ConstMatrix delta,
                    Matrix gradient) {
  HWY_DASSERT(feature_begin % PixelBatch::kGroup == 0);
  HWY_DASSERT(feature_begin + gradient.rows <= batch.features());
  HWY_DASSERT(delta.columns == gradient.columns && padded_stride(delta.columns) <= delta.stride);
  HWY_DYNAMIC_DISPATCH(gradient_of)(batch, feature_begin, delta, gradient);
}

void add(ConstMatrix x, ConstMatrix y, Matrix sum) {
  HWY_DASSERT(same_shape(x, y) && same_shape(y, sum));
  HWY_DYNAMIC_DISPATCH(add_rows)(x, y, sum);
}

}  // namespace mnist::kernels

#endif  // HWY_ONCE
