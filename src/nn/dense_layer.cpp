#include "nn/dense_layer.h"

#include <algorithm>
#include <functional>

#include "kernels/matmul.h"
#include "kernels/pixel_matmul.h"

namespace mnist {

using kernels::matmul;
using kernels::Op;
using kernels::PixelBatch;

namespace {

// Features whose gradient is made at a time; products with pixels pack nothing. So few that they
// stay in the first-level cache, but where several panels of columns share what a block reads.
constexpr std::size_t pixel_rows(std::size_t stride) { return stride < 256 ? 32 : 112; }

// Columns so few that two workers do better with half of the features each than with half of the
// columns: one walk over the pixels sums few columns as fast as half of them, and sums that cross
// from one cache to the other are fewer than weights.
constexpr std::size_t kNarrow = 256;

// Columns that are enough for a worker of its own: it then packs only its part of the weights.
constexpr std::size_t kWideShare = 128;

// Weights so many that it costs less to take them from the other workers' caches, which computed
// other columns, than to turn all inputs for a gradient of columns, and not only those of its rows.
constexpr std::size_t kLarge = 1 << 17;

// Rows of a batch from which on the update of fewer weights is shared by columns at all: with 32 or
// 64 rows it takes 5 to 20 % longer that way, with 128 or 256 some 4 % less (two threads).
constexpr std::size_t kManyRows = 96;

// Weights so few that two workers sum their gradient one after the other, each over its own rows:
// a sum crosses from one cache to the other then, and not the inputs and the deltas.
constexpr std::size_t kSmall = 1 << 13;

/// This thread's memory for a block of a gradient.
float* scratch(std::size_t size) {
  thread_local AlignedVector<float> floats;
  if (floats.size() < size) floats.resize(size);
  return floats.data();
}

/// sums[c] += Σ x[r][c].
void add_rows(ConstMatrix x, float* sums) {
  for (std::size_t r = 0; r < x.rows; ++r) {
    for (std::size_t c = 0; c < x.columns; ++c) sums[c] += x.row(r)[c];
  }
}

}  // namespace

DenseLayer::DenseLayer(std::size_t inputs, std::size_t outputs, bool bias)
    : inputs_(inputs), parameter_(inputs + (bias ? 1 : 0), outputs) {}

bool DenseLayer::shares_columns(const LayerPass& pass, const Worker& worker) const {
  if (pass.chains.data != nullptr) return false;
  if (pass.pixels != nullptr) return parameter_.stride / kFloatsPerLine >= worker.count();
  return pass.training && std::min(inputs_, outputs()) >= kWideShare * worker.count();
}

bool DenseLayer::sums_in_chains() const {
  return outputs() <= kNarrow && PixelBatch::middle(inputs_) < inputs_;
}

bool DenseLayer::hands_gradient_on() const { return inputs_ * outputs() < kSmall; }

void DenseLayer::forward(Worker& worker, const LayerPass& pass) const {
  if (pass.chains.data != nullptr) return forward_in_chains(worker, pass);
  sum(pass, {0, inputs_}, share(worker, pass, outputs()), pass.output);
}

void DenseLayer::forward_in_chains(Worker& worker, const LayerPass& pass) const {
  const std::size_t rows = pass.output.rows;
  const std::size_t middle = PixelBatch::middle(inputs_);
  const Range own = row_share(worker, rows);
  const Matrix second = pass.chains.row_range(rows, 2 * rows);
  Matrix first = pass.output;
  if (pass.pixels != nullptr && worker.count() > 1) {
    // Apart from the output, whose rows others write: so fewer lines cross.
    first = pass.chains.row_range(0, rows);
    sum(pass, {0, middle}, {{0, rows}, chain_columns(worker, 0)}, first);
    sum(pass, {middle, inputs_}, {{0, rows}, chain_columns(worker, 1)}, second);
    worker.barrier();
  } else {
    sum(pass, {0, middle}, {own, {0, outputs()}}, first);
    sum(pass, {middle, inputs_}, {own, {0, outputs()}}, second);
  }
  kernels::add(first.row_range(own.begin, own.end), second.row_range(own.begin, own.end),
               pass.output.row_range(own.begin, own.end));
}

void DenseLayer::sum(const LayerPass& pass, const Range& inputs, const Block& block,
                     Matrix z) const {
  const auto& [rows, columns] = block;
  const ConstMatrix w =
      weights().row_range(inputs.begin, inputs.end).column_range(columns.begin, columns.end);
  const float* b = has_bias() && inputs.begin == 0 ? bias() + columns.begin : nullptr;
  z = z.row_range(rows.begin, rows.end).column_range(columns.begin, columns.end);
  if (pass.pixels != nullptr) {
    kernels::pixel_forward(*pass.pixels, rows.begin, inputs.begin, w, b, z);
  } else {
    matmul(Op::kPlain,
           pass.input.row_range(rows.begin, rows.end).column_range(inputs.begin, inputs.end),
           Op::kPlain, w, b, z);
  }
}

Range DenseLayer::chain_columns(const Worker& worker, std::size_t chain) const {
  // As if the chains were columns side by side.
  const std::size_t stride = parameter_.stride;
  const Range both = worker.share(2 * stride, kFloatsPerLine);
  const auto column = [&](std::size_t of_both) {
    return std::clamp(of_both, chain * stride, chain * stride + outputs()) - chain * stride;
  };
  return {column(both.begin), column(both.end)};
}

std::array<Block, 2> DenseLayer::parameter_share(const LayerPass& pass,
                                                 const Worker& worker) const {
  const Range columns{0, outputs()};
  if (pass.pixels == nullptr) {
    if (pass.begun.data != nullptr) {
      if (worker.index() == 1) return {};
      return {Block{{0, parameter_.rows}, columns}};
    }
    const bool by_rows = inputs_ * outputs() >= kLarge || pass.output.rows < kManyRows;
    if (!by_rows) return Layer::parameter_share(pass, worker);
    return {Block{parameter_rows(worker, parameter_.rows), columns}};
  }
  // Never by columns: where two workers take turns along a row, the processor fetches for the one
  // what the other is about to write.
  const std::size_t middle = PixelBatch::middle(inputs_);
  const Range upper{0, middle};
  const Range lower{middle, parameter_.rows};
  if (pass.chains.data != nullptr && worker.count() == 2) {
    return {Block{worker.index() == 0 ? upper : lower, columns}};
  }
  // A part of either half, as most of the ink lies in the middle.
  const auto part = [&](const Range& half) {
    const Range own = parameter_rows(worker, half.size());
    return Range{half.begin + own.begin, half.begin + own.end};
  };
  return {Block{part(upper), columns}, Block{part(lower), columns}};
}

void DenseLayer::backward(Worker& worker, const LayerPass& pass) const {
  if (pass.begun.data != nullptr && worker.index() == 1) begin_gradient(worker, pass);
  if (pass.input_delta.data == nullptr) return;
  const auto [rows, columns] = share(worker, pass, inputs_);
  matmul(Op::kPlain, pass.output_delta.row_range(rows.begin, rows.end), Op::kTransposed,
         weights().row_range(columns.begin, columns.end), nullptr,
         pass.input_delta.row_range(rows.begin, rows.end).column_range(columns.begin, columns.end));
}

void DenseLayer::begin_gradient(const Worker& worker, const LayerPass& pass) const {
  const Range own = row_share(worker, pass.output.rows);
  if (own.empty()) return;
  const ConstMatrix delta = pass.output_delta.row_range(own.begin, own.end);
  matmul(Op::kTransposed, pass.input.row_range(own.begin, own.end), Op::kPlain, delta, nullptr,
         pass.begun.row_range(0, inputs_));
  if (!has_bias()) return;
  float* of_bias = pass.begun.row(inputs_);
  std::fill_n(of_bias, outputs(), 0.0F);
  add_rows(delta, of_bias);
}

Block DenseLayer::share(const Worker& worker, const LayerPass& pass, std::size_t columns) const {
  const std::size_t rows = pass.output.rows;
  if (shares_columns(pass, worker)) return {{0, rows}, column_share(worker, columns)};
  return {row_share(worker, rows), {0, columns}};
}

void DenseLayer::gradient(const Block& share, const LayerPass& pass,
                          std::span<const float* const> companions, ZeroRows zeros,
                          const GradientSink& sink) const {
  const Range rows{share.rows.begin, std::min(share.rows.end, inputs_)};
  const std::size_t first = pass.rows_begun;
  const std::size_t last = pass.output.rows;
  const ConstMatrix delta =
      pass.output_delta.row_range(first, last).column_range(share.columns.begin, share.columns.end);
  const std::size_t stride = parameter_.stride;
  const auto hand_on = [&](std::size_t row, std::size_t column, Matrix block) {
    for (std::size_t r = 0; r < block.rows; ++r) {
      std::fill(block.row(r) + block.columns, block.row(r) + padded_stride(block.columns), 0.0F);
    }
    row += rows.begin;
    column += share.columns.begin;
    sink({{row, row + block.rows}, {column, column + block.columns}}, block.data);
  };
  if (pass.pixels == nullptr) {
    const std::size_t offset = rows.begin * stride + share.columns.begin;
    std::vector<const float*> of_share(companions.begin(), companions.end());
    for (const float*& array : of_share) array += offset;
    kernels::matmul_in_blocks(pass.input.row_range(first, last).column_range(rows.begin, rows.end),
                              delta, first == 0 ? nullptr : pass.begun.data + offset, stride,
                              of_share, std::cref(hand_on));
  } else {
    const auto wanted = [&](std::size_t row) {
      return zeros == ZeroRows::kKept || pass.pixels->has_any(row / PixelBatch::kGroup, delta.rows);
    };
    const std::size_t most = pixel_rows(stride);
    for (std::size_t row = rows.begin, end = 0; row < rows.end; row = end) {
      end = row + PixelBatch::kGroup;
      if (!wanted(row)) continue;
      while (end < std::min(row + most, rows.end) && wanted(end)) end += PixelBatch::kGroup;
      end = std::min(end, rows.end);
      const Matrix block{scratch(most * stride), end - row, delta.columns, stride};
      kernels::pixel_gradient(*pass.pixels, row, delta, block);
      sink({{row, end}, share.columns}, block.data);
    }
  }
  if (share.rows.end > inputs_) {
    const Matrix of_bias{scratch(stride), 1, delta.columns, stride};
    if (first == 0) {
      std::fill_n(of_bias.data, delta.columns, 0.0F);
    } else {
      std::copy_n(pass.begun.row(inputs_) + share.columns.begin, delta.columns, of_bias.data);
    }
    add_rows(delta, of_bias.data);
    hand_on(inputs_ - rows.begin, 0, of_bias);
  }
}

std::vector<NamedParameter> DenseLayer::named_parameters(const std::string& prefix) const {
  NamedParameter weight{prefix + ".weight", {outputs(), inputs_}, {}};
  weight.values.reserve(outputs() * inputs_);
  const ConstMatrix w = weights();
  for (std::size_t out = 0; out < outputs(); ++out) {
    for (std::size_t in = 0; in < inputs_; ++in) weight.values.push_back(w.row(in)[out]);
  }
  std::vector<NamedParameter> result{std::move(weight)};
  if (has_bias()) {
    result.push_back({prefix + ".bias", {outputs()}, {bias(), bias() + outputs()}});
  }
  return result;
}

void DenseLayer::set_named_parameters(const std::vector<NamedParameter>& parameters) {
  const Matrix w = weights();
  for (std::size_t out = 0; out < outputs(); ++out) {
    for (std::size_t in = 0; in < inputs_; ++in) {
      w.row(in)[out] = parameters[0].values[out * inputs_ + in];
    }
  }
  if (has_bias()) std::ranges::copy(parameters[1].values, parameter_.matrix().row(inputs_));
}

}  // namespace mnist
