#include "nn/dense_sharing.h"

#include <algorithm>

#include "kernels/pixel_batch.h"

namespace mnist {

using kernels::PixelBatch;

namespace {

// The bounds below were measured with two threads on a Xeon with AVX-512. first_layer_bench and
// compare.py measure them again.

// With at most this many columns, two workers share the features instead of the columns: a walk
// over the pixels takes as long for few columns as for half of them, and moving partial sums
// between the caches costs less than moving weights.
constexpr std::size_t kNarrow = 256;

// The fewest columns per worker for sharing by columns; each worker then packs only its part of the
// weights.
constexpr std::size_t kWideShare = 128;

// Below this number of weights two workers accumulate the gradient one after the other: then only
// partial sums move between the caches, not inputs and deltas.
constexpr std::size_t kSmall = 1 << 13;

bool shares_columns(const DenseWork& work) {
  if (work.pixels) return padded_stride(work.outputs) / kFloatsPerLine >= work.workers;
  return work.training && std::min(work.inputs, work.outputs) >= kWideShare * work.workers;
}

}  // namespace

bool sums_in_two_chains(std::size_t inputs, std::size_t outputs) {
  return outputs <= kNarrow && PixelBatch::middle(inputs) < inputs;
}

bool relays_gradient(std::size_t inputs, std::size_t outputs) { return inputs * outputs < kSmall; }

DenseSharing dense_sharing(const DenseWork& work) {
  using Products = DenseSharing::Products;
  using Update = DenseSharing::Update;
  DenseSharing sharing;
  if (work.two_chains) {
    if (work.pixels && work.workers > 1) sharing.products = Products::kFeatures;
  } else if (shares_columns(work)) {
    sharing.products = Products::kColumns;
  }
  if (work.pixels) {
    // Never by columns: neighbouring lines would belong to different workers, and the adjacent-line
    // prefetcher would cause false sharing.
    sharing.update = work.two_chains && work.workers == 2 ? Update::kHalves : Update::kParts;
  } else if (work.training && work.workers == 2 && relays_gradient(work.inputs, work.outputs)) {
    sharing.update = Update::kRelay;
  }
  return sharing;
}

std::array<Block, 2> dense_update_share(const DenseSharing& sharing, const DenseWork& work,
                                        const Worker& worker) {
  const Range rows{0, work.inputs + (work.bias ? 1 : 0)};
  const Range columns{0, work.outputs};
  const std::size_t middle = PixelBatch::middle(work.inputs);
  const Range upper{0, middle};
  const Range lower{middle, rows.end};
  const auto part = [&](const Range& half) {
    const Range own = parameter_rows(worker, half.size());
    return Range{half.begin + own.begin, half.begin + own.end};
  };
  switch (sharing.update) {
    case DenseSharing::Update::kRows:
      break;
    case DenseSharing::Update::kHalves:
      return {Block{worker.index() == 0 ? upper : lower, columns}};
    case DenseSharing::Update::kParts:
      return {Block{part(upper), columns}, Block{part(lower), columns}};
    case DenseSharing::Update::kRelay:
      if (worker.index() == 1) return {};
      return {Block{rows, columns}};
  }
  return {Block{parameter_rows(worker, rows.end), columns}};
}

}  // namespace mnist
