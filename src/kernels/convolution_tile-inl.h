// The micro-kernels of a convolution: sums for a few places times one or two vectors of channels,
// held in registers. Weights are loaded, inputs are broadcast, as in Georganas et al., "Anatomy of
// high-performance deep learning convolutions on SIMD architectures", SC 2018.
//
// Included once per instruction set; see convolution.cpp.
#if defined(MNIST_KERNELS_CONVOLUTION_TILE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MNIST_KERNELS_CONVOLUTION_TILE_INL_H
#undef MNIST_KERNELS_CONVOLUTION_TILE_INL_H
#else
#define MNIST_KERNELS_CONVOLUTION_TILE_INL_H
#endif

#include <hwy/highway.h>

#include <array>
#include <cstddef>
#include <utility>

#include "kernels/vector_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Vector = hn::Vec<Floats>;
constexpr std::size_t kLanes = hn::MaxLanes(Floats());

/// Vectors of channels side by side in a tile.
constexpr std::size_t kTileVectors = 2;

/// Rows of the largest tile: its sums, a row of weights and a broadcast input just fit the
/// registers.
constexpr std::size_t max_tile_rows(std::size_t vectors) {
  if (kHas32Registers) return vectors == 1 ? 16 : 14;
  return vectors == 1 ? 12 : 6;
}

/// Contiguous inputs, and their weights.
struct Segment {
  std::ptrdiff_t input = 0;    // offset from a place's first input
  std::ptrdiff_t weights = 0;  // offset from the first weight; one or two vectors per input
};

/// The outputs of a row of places.
struct PlaceRow {
  const float* input;       // of the first place
  std::size_t input_step;   // from place to place
  const Segment* segments;  // the inputs that a place sums over
  std::size_t segment_count;
  std::size_t depth;     // inputs per segment
  const float* weights;  // packed: whole vectors
  const float* start;    // initial sums, whole vectors; nullptr: 0
  float* output;         // of the first place
  std::size_t output_step;
  std::size_t last_width;  // channels in the last vector
  float floor;             // smaller sums become 0: 0 for a ReLU, otherwise -infinity
};

HWY_INLINE void store_channels(Vector v, std::size_t width, float* to) {
  const Floats d;
  if (width == kLanes) {
    hn::StoreU(v, d, to);
  } else {
    PartialVector<Floats>{d, width}.store(v, to);
  }
}

template <std::size_t kPlaces, std::size_t kVectors>
void place_tile(const PlaceRow& row) {
  const Floats d;
  Vector sums[kPlaces][kVectors];
  HWY_UNROLL(16) for (std::size_t p = 0; p < kPlaces; ++p) {
    HWY_UNROLL(2) for (std::size_t v = 0; v < kVectors; ++v) {
      sums[p][v] = row.start == nullptr ? hn::Zero(d) : hn::LoadU(d, row.start + v * kLanes);
    }
  }
  // One pointer serves three places: x86 addresses p, p + step and p + 2 step directly, and a
  // pointer for each place would not fit the registers.
  constexpr std::size_t kPointers = (kPlaces + 2) / 3;
  const std::size_t step = row.input_step;
  const std::size_t depth = row.depth;
  for (std::size_t s = 0; s < row.segment_count; ++s) {
    const float* weights = row.weights + row.segments[s].weights;
    const float* from = row.input + row.segments[s].input;
    const float* input[kPointers];
    HWY_UNROLL(6) for (std::size_t i = 0; i < kPointers; ++i) input[i] = from + 3 * i * step;
    for (std::size_t k = depth; k != 0; --k) {
      Vector w[kVectors];
      HWY_UNROLL(2) for (std::size_t v = 0; v < kVectors; ++v) {
        w[v] = hn::LoadU(d, weights + v * kLanes);
      }
      HWY_UNROLL(16) for (std::size_t p = 0; p < kPlaces; ++p) {
        const Vector x = hn::Set(d, input[p / 3][p % 3 * step]);
        HWY_UNROLL(2) for (std::size_t v = 0; v < kVectors; ++v) {
          sums[p][v] = hn::MulAdd(x, w[v], sums[p][v]);
        }
      }
      HWY_UNROLL(6) for (std::size_t i = 0; i < kPointers; ++i)++ input[i];
      weights += kVectors * kLanes;
    }
  }
  float* output = row.output;
  const Vector floor = hn::Set(d, row.floor);
  HWY_UNROLL(16) for (std::size_t p = 0; p < kPlaces; ++p) {
    // A comparison, because Max may lose a NaN.
    HWY_UNROLL(2) for (std::size_t v = 0; v < kVectors; ++v) {
      sums[p][v] = hn::IfThenZeroElse(hn::Lt(sums[p][v], floor), sums[p][v]);
    }
    if constexpr (kVectors == 2) hn::StoreU(sums[p][0], d, output);
    store_channels(sums[p][kVectors - 1], row.last_width, output + (kVectors - 1) * kLanes);
    output += row.output_step;
  }
}

/// The gradients of a tile of weights, summed over the places of a few rows.
struct GradientTile {
  const float* input;             // of the first place, at the patch's first input
  std::size_t input_step;         // from place to place
  std::size_t input_row_step;     // from row to row
  const std::ptrdiff_t* offsets;  // of the tile's inputs in the patch
  const float* delta;             // of the first place, whole vectors
  std::size_t delta_step;
  std::size_t delta_row_step;
  std::size_t rows;
  std::size_t columns;
  float* sums;  // of the tile's first weight, whole vectors
  std::size_t sums_step;
};

/// kContiguous: the inputs are contiguous in memory.
template <std::size_t kInputs, std::size_t kVectors, bool kContiguous>
void gradient_tile(const GradientTile& tile) {
  const Floats d;
  Vector sums[kInputs][kVectors];
  HWY_UNROLL(16) for (std::size_t i = 0; i < kInputs; ++i) {
    HWY_UNROLL(2) for (std::size_t v = 0; v < kVectors; ++v) {
      sums[i][v] = hn::LoadU(d, tile.sums + i * tile.sums_step + v * kLanes);
    }
  }
  const std::ptrdiff_t* offsets = tile.offsets;
  for (std::size_t r = 0; r < tile.rows; ++r) {
    const float* input = tile.input + r * tile.input_row_step + (kContiguous ? offsets[0] : 0);
    const float* delta = tile.delta + r * tile.delta_row_step;
    for (std::size_t c = tile.columns; c != 0; --c) {
      Vector of_place[kVectors];
      HWY_UNROLL(2) for (std::size_t v = 0; v < kVectors; ++v) {
        of_place[v] = hn::LoadU(d, delta + v * kLanes);
      }
      HWY_UNROLL(16) for (std::size_t i = 0; i < kInputs; ++i) {
        const Vector x = hn::Set(d, kContiguous ? input[i] : input[offsets[i]]);
        HWY_UNROLL(2) for (std::size_t v = 0; v < kVectors; ++v) {
          sums[i][v] = hn::MulAdd(x, of_place[v], sums[i][v]);
        }
      }
      input += tile.input_step;
      delta += tile.delta_step;
    }
  }
  HWY_UNROLL(16) for (std::size_t i = 0; i < kInputs; ++i) {
    HWY_UNROLL(2) for (std::size_t v = 0; v < kVectors; ++v) {
      hn::StoreU(sums[i][v], d, tile.sums + i * tile.sums_step + v * kLanes);
    }
  }
}

/// Adds the gradient of a block of images to the total; that of the first block replaces it.
inline void add_block(const float* block, bool first, std::size_t n, float* total) {
  for_each_vector(Floats(), n, [&](auto lanes, std::size_t i) HWY_ATTR {
    const auto of_block = lanes.load(block + i);
    lanes.store(first ? of_block : hn::Add(lanes.load(total + i), of_block), total + i);
  });
}

/// Divides `count` into nearly equal parts of at most `most` and calls run(size, begin) for each.
template <class Run>
HWY_INLINE void in_equal_parts(std::size_t count, std::size_t most, const Run& run) {
  const std::size_t parts = (count + most - 1) / most;
  for (std::size_t i = 0; i < parts; ++i) {
    const std::size_t begin = count * i / parts;
    run(count * (i + 1) / parts - begin, begin);
  }
}

/// The tiles of 1, 2, ... rows.
template <std::size_t kVectors, std::size_t... kLess>
constexpr auto place_tiles_of(std::index_sequence<kLess...>) {
  return std::array{&place_tile<kLess + 1, kVectors>...};
}
template <std::size_t kVectors, bool kContiguous, std::size_t... kLess>
constexpr auto gradient_tiles_of(std::index_sequence<kLess...>) {
  return std::array{&gradient_tile<kLess + 1, kVectors, kContiguous>...};
}

template <std::size_t kVectors>
void run_places(PlaceRow row, std::size_t places) {
  constexpr std::size_t kMost = max_tile_rows(kVectors);
  constexpr auto kTiles = place_tiles_of<kVectors>(std::make_index_sequence<kMost>());
  const float* input = row.input;
  float* output = row.output;
  in_equal_parts(places, kMost, [&](std::size_t n, std::size_t begin) {
    row.input = input + begin * row.input_step;
    row.output = output + begin * row.output_step;
    kTiles[n - 1](row);
  });
}

/// The gradients of `inputs` inputs of the patch, from tile.offsets on.
template <std::size_t kVectors>
void run_gradient(GradientTile tile, std::size_t inputs) {
  constexpr std::size_t kMost = max_tile_rows(kVectors);
  constexpr auto kContiguous = gradient_tiles_of<kVectors, true>(std::make_index_sequence<kMost>());
  constexpr auto kScattered = gradient_tiles_of<kVectors, false>(std::make_index_sequence<kMost>());
  const std::ptrdiff_t* offsets = tile.offsets;
  float* sums = tile.sums;
  in_equal_parts(inputs, kMost, [&](std::size_t n, std::size_t begin) {
    tile.offsets = offsets + begin;
    tile.sums = sums + begin * tile.sums_step;
    const bool contiguous =
        tile.offsets[n - 1] - tile.offsets[0] == static_cast<std::ptrdiff_t>(n - 1);
    (contiguous ? kContiguous : kScattered)[n - 1](tile);
  });
}

}  // namespace mnist::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
