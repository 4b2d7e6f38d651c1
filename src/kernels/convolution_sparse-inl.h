// The backward pass of a convolution with pooling. Each window passes a delta to one output at
// most. These deltas are listed, and each is multiplied with the contiguous floats that it belongs
// to. The sums are those of convolution_tile-inl.h, in the same order, without the terms that are
// zero.
//
// Included once per instruction set; see convolution.cpp.
#if defined(MNIST_KERNELS_CONVOLUTION_SPARSE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MNIST_KERNELS_CONVOLUTION_SPARSE_INL_H
#undef MNIST_KERNELS_CONVOLUTION_SPARSE_INL_H
#else
#define MNIST_KERNELS_CONVOLUTION_SPARSE_INL_H
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/aligned_vector.h"
#include "kernels/convolution.h"
#include "kernels/convolution_frame-inl.h"
#include "kernels/convolution_tile-inl.h"
#include "kernels/matrix.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels::HWY_NAMESPACE {

/// A delta, and the offset of the floats to multiply it with.
struct ListedFloat {
  float value;
  std::uint32_t operand;
};

/// sums[r][i] += Σ value · operand[r][i] over a list, in its order.
struct SparseTile {
  const ListedFloat* begin;
  const ListedFloat* end;
  const float* operand;
  std::size_t operand_step;  // from row to row
  float* sums;
  std::size_t sums_step;
  std::size_t last_width;  // floats of a row's last vector
};

/// The largest tiles: vectors per row, rows, and vectors of sums.
constexpr std::size_t kSparseTileVectors = 12;
constexpr std::size_t kSparseTileRows = 3;
constexpr std::size_t kSparseTileSums = kHas32Registers ? 18 : 12;

template <std::size_t kRows, std::size_t kVectors, class Last>
HWY_INLINE void sparse_tile(const SparseTile& tile, const Last& last) {
  const Floats d;
  Vector sums[kRows][kVectors];
  HWY_UNROLL(3) for (std::size_t r = 0; r < kRows; ++r) {
    const float* row = tile.sums + r * tile.sums_step;
    HWY_UNROLL(12) for (std::size_t v = 0; v + 1 < kVectors; ++v) {
      sums[r][v] = hn::LoadU(d, row + v * kLanes);
    }
    sums[r][kVectors - 1] = last.load(row + (kVectors - 1) * kLanes);
  }
  for (const ListedFloat* listed = tile.begin; listed != tile.end; ++listed) {
    const Vector value = hn::Set(d, listed->value);
    const float* operand = tile.operand + listed->operand;
    HWY_UNROLL(3) for (std::size_t r = 0; r < kRows; ++r) {
      const float* row = operand + r * tile.operand_step;
      HWY_UNROLL(12) for (std::size_t v = 0; v + 1 < kVectors; ++v) {
        sums[r][v] = hn::MulAdd(hn::LoadU(d, row + v * kLanes), value, sums[r][v]);
      }
      sums[r][kVectors - 1] =
          hn::MulAdd(last.load(row + (kVectors - 1) * kLanes), value, sums[r][kVectors - 1]);
    }
  }
  HWY_UNROLL(3) for (std::size_t r = 0; r < kRows; ++r) {
    float* row = tile.sums + r * tile.sums_step;
    HWY_UNROLL(12) for (std::size_t v = 0; v + 1 < kVectors; ++v) {
      hn::StoreU(sums[r][v], d, row + v * kLanes);
    }
    last.store(sums[r][kVectors - 1], row + (kVectors - 1) * kLanes);
  }
}

template <std::size_t kRows, std::size_t kVectors>
void run_sparse_tile(const SparseTile& tile) {
  const Floats d;
  if (tile.last_width == kLanes) {
    sparse_tile<kRows, kVectors>(tile, WholeVector<Floats>{d});
  } else {
    sparse_tile<kRows, kVectors>(tile, PartialVector<Floats>{d, tile.last_width});
  }
}

using RunSparseTile = void (*)(const SparseTile&);

template <std::size_t kNumber>
constexpr RunSparseTile sparse_tile_of() {
  constexpr std::size_t kRows = kNumber / kSparseTileVectors + 1;
  constexpr std::size_t kVectors = kNumber % kSparseTileVectors + 1;
  if constexpr (kRows * kVectors > kSparseTileSums) {
    return nullptr;
  } else {
    return &run_sparse_tile<kRows, kVectors>;
  }
}

template <std::size_t... kNumber>
constexpr auto sparse_tiles_of(std::index_sequence<kNumber...>) {
  return std::array{sparse_tile_of<kNumber>()...};
}

/// The part of the sums that one tile computes.
struct SparsePart {
  std::size_t row;
  std::size_t rows;
  std::size_t column;
  std::size_t vectors;
  std::size_t last_width;
  RunSparseTile run;
};

/// Divides rows × columns floats into parts and calls visit(part) for each, row by row. A part is a
/// number of whole rows, at most `most` floats unless a single row has more, or a part of one row.
template <class Visit>
void for_each_sparse_part(std::size_t rows, std::size_t columns, std::size_t most,
                          const Visit& visit) {
  constexpr auto kTiles =
      sparse_tiles_of(std::make_index_sequence<kSparseTileRows * kSparseTileVectors>());
  const std::size_t row_vectors = (columns + kLanes - 1) / kLanes;
  const std::size_t most_rows = std::clamp<std::size_t>(
      std::min(kSparseTileSums, most / kLanes) / row_vectors, 1, kSparseTileRows);
  in_equal_parts(rows, most_rows, [&](std::size_t part_rows, std::size_t row) {
    in_equal_parts(row_vectors, kSparseTileVectors, [&](std::size_t vectors, std::size_t begin) {
      const std::size_t column = begin * kLanes;
      visit(SparsePart{row, part_rows, column, vectors,
                       std::min(kLanes, columns - column - (vectors - 1) * kLanes),
                       kTiles[(part_rows - 1) * kSparseTileVectors + vectors - 1]});
    });
  });
}

/// Calls visit(c) for each channel c with first <= choices[c] < first + count, in order. `choices`
/// must be readable up to the next multiple of 16 channels.
template <class Visit>
HWY_INLINE void for_each_choice(const std::uint8_t* choices, std::size_t channels,
                                std::size_t first, std::size_t count, const Visit& visit) {
  const hn::CappedTag<std::uint8_t, 16> d;
  constexpr std::size_t kBytes = hn::MaxLanes(d);
  constexpr std::size_t kBits = 64;
  const auto from = hn::Set(d, static_cast<std::uint8_t>(first));
  const auto most = hn::Set(d, static_cast<std::uint8_t>(count - 1));
  for (std::size_t begin = 0; begin < channels; begin += kBits) {
    const std::size_t n = std::min(kBits, channels - begin);
    std::uint64_t mask = 0;
    for (std::size_t c = 0; c < n; c += kBytes) {
      const auto choice = hn::Sub(hn::LoadU(d, choices + begin + c), from);
      std::uint8_t bits[8];  // StoreMaskBits may write 8 bytes
      hn::StoreMaskBits(d, hn::Eq(hn::Min(choice, most), choice), bits);
      std::conditional_t<(kBytes > 8), std::uint16_t, std::uint8_t> part;
      std::memcpy(&part, bits, sizeof part);
      mask |= std::uint64_t{part} << c;
    }
    if (n < kBits) mask &= (std::uint64_t{1} << n) - 1;
    for (; mask != 0; mask &= mask - 1) {
      visit(begin + static_cast<std::size_t>(std::countr_zero(mask)));
    }
  }
}

/// Whether listing the deltas is faster: pooling leaves few of them, and each one is multiplied
/// with many contiguous floats.
inline bool sparse_pays(const ConvolutionShape& shape) {
  return shape.pool > 1 && shape.kernel * shape.input.channels >= kLanes &&
         shape.patch() >= 8 * kLanes;
}

/// convolution_gradient, for [channel_begin, channel_begin + gradient.columns).
inline void sparse_gradient(const ConvolutionShape& shape, ConstMatrix images,
                            const ConvolutionDelta& delta, std::size_t patch_begin,
                            std::size_t channel_begin, Matrix gradient) {
  // Floats of an image in the L1 cache, which the deltas of each channel read in turn.
  constexpr std::size_t kStripFloats = 8192;
  thread_local AlignedVector<ListedFloat> list;
  thread_local std::vector<std::size_t> listed;
  struct Part {
    SparsePart tile;
    std::size_t patch;    // its first row in the gradient
    std::size_t operand;  // offset from a place's first input
    std::size_t sums;     // offset from a channel's first sum
  };
  thread_local std::vector<Part> parts;

  const Shape result = shape.result();
  const std::size_t pad = shape.padding;
  const FramedImages framed(shape.input, {pad, pad, pad, pad}, Scratch::kImage);
  const std::size_t depth = shape.kernel * shape.input.channels;
  const std::size_t channels = gradient.columns;
  const std::size_t patch_end = std::min(patch_begin + gradient.rows, shape.patch());
  const std::size_t weights = patch_end - patch_begin;
  const bool with_bias = gradient.rows > weights;

  // Divide the patch into whole kernel rows, and the partial rows before and after them.
  parts.clear();
  std::size_t channel_sums = 0;
  for (std::size_t begin = patch_begin, end = 0; begin < patch_end; begin = end) {
    const std::size_t row_end = (begin / depth + 1) * depth;
    end = begin % depth != 0 || patch_end < row_end ? std::min(row_end, patch_end)
                                                    : patch_end / depth * depth;
    const std::size_t rows = (end - begin + depth - 1) / depth;
    for_each_sparse_part(
        rows, (end - begin) / rows, kSparseTileSums * kLanes, [&](const SparsePart& tile) {
          const std::size_t patch = begin + tile.row * depth + tile.column;
          parts.push_back({tile, patch - patch_begin,
                           patch / depth * framed.row_step() + patch % depth, channel_sums});
          channel_sums += tile.rows * tile.vectors * kLanes;
        });
  }

  // The sums of a channel are contiguous. First those of a block of images, then the totals, then
  // the same for the biases.
  float* sums = scratch(Scratch::kBlock, 2 * channels * (channel_sums + 1));
  float* totals = sums + channels * channel_sums;
  float* bias = totals + channels * channel_sums;
  float* total_bias = bias + channels;
  std::fill_n(totals, channels * channel_sums, 0.0F);
  std::fill_n(total_bias, channels, 0.0F);
  const std::size_t outputs_rows = kStripFloats / framed.row_step();
  const std::size_t strip = std::clamp<std::size_t>(outputs_rows / (shape.stride * shape.pool), 1,
                                                    std::max<std::size_t>(1, result.height));
  const std::size_t most = strip * result.width;  // a window lists at most one delta per channel
  if (list.size() < channels * most) list.resize(channels * most);
  listed.resize(channels);

  for (std::size_t first = 0; first < images.rows; first += kImagesPerBlock) {
    std::fill_n(sums, channels * channel_sums, 0.0F);
    std::fill_n(bias, channels, 0.0F);
    for (std::size_t i = first; i < std::min(first + kImagesPerBlock, images.rows); ++i) {
      const float* image = framed.place(images.row(i));
      for (std::size_t strip_begin = 0; strip_begin < result.height; strip_begin += strip) {
        std::ranges::fill(listed, 0);
        const std::size_t strip_end = std::min(strip_begin + strip, result.height);
        for (std::size_t y = strip_begin * shape.pool; y < strip_end * shape.pool; ++y) {
          const std::size_t window_row = y % shape.pool * shape.pool;
          for (std::size_t x = 0; x < result.width; ++x) {
            const std::size_t window = y / shape.pool * result.width + x;
            const float* values = delta.delta.row(i) + window * result.channels + channel_begin;
            const std::uint8_t* choices = delta.choice.from_row(i).data +
                                          window * padded_stride(result.channels) + channel_begin;
            const std::size_t place = y * shape.stride * framed.row_step() +
                                      x * shape.pool * shape.stride * shape.input.channels;
            for_each_choice(choices, channels, window_row, shape.pool, [&](std::size_t c) {
              const std::size_t column = choices[c] - window_row;
              list[c * most + listed[c]++] = {
                  values[c],
                  static_cast<std::uint32_t>(place + column * shape.stride * shape.input.channels)};
              bias[c] += values[c];
            });
          }
        }
        for (std::size_t c = 0; c < channels; ++c) {
          const ListedFloat* begin = list.data() + c * most;
          for (const Part& part : parts) {
            part.tile.run({begin, begin + listed[c], image + part.operand, framed.row_step(),
                           sums + c * channel_sums + part.sums, part.tile.vectors * kLanes,
                           part.tile.last_width});
          }
        }
      }
    }
    add_block(sums, first == 0, channels * channel_sums, totals);
    add_block(bias, first == 0, channels, total_bias);
  }

  for (const Part& part : parts) {
    const std::size_t width = (part.tile.vectors - 1) * kLanes + part.tile.last_width;
    for (std::size_t r = 0; r < part.tile.rows; ++r) {
      for (std::size_t k = 0; k < width; ++k) {
        float* to = gradient.row(part.patch + r * depth + k);
        const float* from = totals + part.sums + r * part.tile.vectors * kLanes + k;
        for (std::size_t c = 0; c < channels; ++c) to[c] = from[c * channel_sums];
      }
    }
  }
  if (with_bias) std::copy_n(total_bias, channels, gradient.row(weights));
}

/// convolution_backward with stride 1. Each delta is added to the inputs of its output. Because the
/// outputs are visited in reverse order, an input still sums over kernel row and column in order.
inline void sparse_backward(const ConvolutionShape& shape, const ConvolutionDelta& delta,
                            ConstMatrix weights, Matrix input_delta) {
  // Floats of weights that stay in the L1 cache while the deltas pass.
  constexpr std::size_t kWeightFloats = 6144;
  struct Place {
    std::size_t input;   // offset of its first input in the padded image
    std::size_t listed;  // end of its list
  };
  thread_local AlignedVector<ListedFloat> list;
  thread_local std::vector<Place> places;

  const Shape& input = shape.input;
  const Shape result = shape.result();
  const std::size_t channels = shape.channels;
  const std::size_t pad = shape.padding;
  const Frame frame{pad, pad, pad, pad};
  const Shape whole = frame.around(input);
  const std::size_t row_step = whole.width * input.channels;
  const std::size_t depth = shape.kernel * input.channels;

  // A row for each kernel row and output channel.
  float* packed = scratch(Scratch::kWeights, shape.patch() * channels);
  for (std::size_t ky = 0; ky < shape.kernel; ++ky) {
    for (std::size_t k = 0; k < depth; ++k) {
      const float* from = weights.row(ky * depth + k);
      float* to = packed + ky * channels * depth + k;
      for (std::size_t c = 0; c < channels; ++c) to[c * depth] = from[c];
    }
  }
  float* framed = pad > 0 ? scratch(Scratch::kImage, whole.size()) : nullptr;
  const std::size_t most = result.size();
  if (list.size() < most) list.resize(most);

  for (std::size_t i = 0; i < input_delta.rows; ++i) {
    const float* values = delta.delta.row(i);
    const std::uint8_t* choices = delta.choice.from_row(i).data;
    std::size_t listed = 0;
    places.clear();
    for (std::size_t window_row = result.height; window_row-- > 0;) {
      for (std::size_t of_window = shape.pool; of_window-- > 0;) {
        std::size_t input_of =
            ((window_row * shape.pool + of_window) * whole.width + result.width * shape.pool) *
            input.channels;
        for (std::size_t x = result.width; x-- > 0;) {
          const std::size_t window = window_row * result.width + x;
          const float* of_channels = values + window * channels;
          const std::uint8_t* choices_of_window = choices + window * padded_stride(channels);
          for (std::size_t column = shape.pool; column-- > 0;) {
            input_of -= input.channels;
            const std::size_t begin = listed;
            for_each_choice(
                choices_of_window, channels, of_window * shape.pool + column, 1,
                [&](std::size_t c) {
                  list[listed++] = {of_channels[c], static_cast<std::uint32_t>(c * depth)};
                });
            if (listed > begin) places.push_back({input_of, listed});
          }
        }
      }
    }
    float* sums = pad > 0 ? framed : input_delta.row(i);
    std::fill_n(sums, whole.size(), 0.0F);
    for_each_sparse_part(
        shape.kernel, depth, kWeightFloats / channels, [&](const SparsePart& part) {
          const std::size_t from_place = part.row * row_step + part.column;
          const float* operand = packed + part.row * channels * depth + part.column;
          const ListedFloat* begin = list.data();
          for (const Place& place : places) {
            const ListedFloat* end = list.data() + place.listed;
            part.run({begin, end, operand, channels * depth, sums + place.input + from_place,
                      row_step, part.last_width});
            begin = end;
          }
        });
    if (pad == 0) continue;
    for (std::size_t y = 0; y < input.height; ++y) {
      const std::size_t values_of_row = input.width * input.channels;
      std::copy_n(framed + (y + pad) * row_step + pad * input.channels, values_of_row,
                  input_delta.row(i) + y * values_of_row);
    }
  }
}

}  // namespace mnist::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
