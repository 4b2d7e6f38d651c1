#include "nn/dense_layer.h"

#include <algorithm>
#include <functional>

#include "kernels/matmul.h"
#include "kernels/pixel_matmul.h"
#include "nn/input_batch.h"

namespace mnist {

using kernels::matmul;
using kernels::Op;
using kernels::PixelBatch;

namespace {

// The number of features per block of the gradient. Few, so that the block stays in the L1 cache
// (products with pixels need no packing); more if several panels of columns read the same pixels.
constexpr std::size_t pixel_rows(std::size_t stride) { return stride < 256 ? 32 : 112; }

/// Scratch memory of this thread for a block of a gradient.
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

// The layer's memory for a pass: access to the pixels, and partial sums.
class DenseWorkspace : public Workspace {
 public:
  DenseWorkspace(RowsTouched rows_touched, const WorkspacePlan& plan, std::size_t chain_columns,
                 std::size_t relay_rows, std::size_t relay_columns)
      : Workspace(rows_touched),
        input_(plan.input),
        max_rows_(plan.max_rows),
        chain_columns_(chain_columns),
        relay_columns_(relay_columns),
        relay_rows_(relay_rows),
        chains_(2 * max_rows_ * row_stride(chain_columns)),
        relay_(relay_rows * row_stride(relay_columns)) {}

  // nullptr if the layer reads floats.
  const PixelBatch* pixels() const { return input_ == nullptr ? nullptr : input_->pixels(); }

  // Partial sums of the output, [rows × outputs], over half `index` of the inputs.
  Matrix chain(std::size_t index, std::size_t rows) {
    const std::size_t stride = row_stride(chain_columns_);
    return {chains_.data() + index * rows * stride, rows, chain_columns_, stride};
  }

  // The partial gradient of the first of two workers, in the shape of the parameter.
  Matrix relay() {
    return {relay_.data(), relay_rows_, relay_columns_, row_stride(relay_columns_)};
  }

 private:
  const InputBatch* input_;
  std::size_t max_rows_;
  std::size_t chain_columns_;
  std::size_t relay_columns_;
  std::size_t relay_rows_;
  AlignedVector<float> chains_;
  AlignedVector<float> relay_;
};

namespace {

DenseWorkspace& own(const LayerPass& pass) { return static_cast<DenseWorkspace&>(*pass.workspace); }

}  // namespace

DenseLayer::DenseLayer(const Shape& input, std::size_t outputs, bool bias, bool first)
    : Layer({outputs, 1, 1}),
      input_shape_(input),
      inputs_(input.size()),
      first_(first),
      two_chains_(first && sums_in_two_chains(inputs_, outputs)),
      parameter_(inputs_ + (bias ? 1 : 0), outputs) {}

std::unique_ptr<Workspace> DenseLayer::workspace(const WorkspacePlan& plan) const {
  const bool pixels = plan.input != nullptr && plan.input->pixels() != nullptr;
  const bool relay = plan.training && !pixels && relays_gradient(inputs_, outputs());
  const auto touched = relay         ? Workspace::RowsTouched::kOwn
                       : two_chains_ ? Workspace::RowsTouched::kOwnOutputs
                                     : Workspace::RowsTouched::kAny;
  return std::make_unique<DenseWorkspace>(touched, plan, two_chains_ ? outputs() : 0,
                                          relay ? parameter_.rows : 0, outputs());
}

DenseWork DenseLayer::work(const LayerPass& pass) const {
  return {.inputs = inputs_,
          .outputs = outputs(),
          .bias = has_bias(),
          .two_chains = two_chains_,
          .pixels = own(pass).pixels() != nullptr,
          .training = pass.training,
          .workers = pass.workers};
}

bool DenseLayer::shares_columns(const LayerPass& pass) const {
  return dense_sharing(work(pass)).products == DenseSharing::Products::kColumns;
}

std::array<Block, 2> DenseLayer::parameter_share(const LayerPass& pass,
                                                 const Worker& worker) const {
  const DenseWork of_pass = work(pass);
  return dense_update_share(dense_sharing(of_pass), of_pass, worker);
}

void DenseLayer::forward(Worker& worker, const LayerPass& pass) const {
  if (two_chains_) {
    const auto products = dense_sharing(work(pass)).products;
    return forward_in_chains(worker, pass, products == DenseSharing::Products::kFeatures);
  }
  sum(pass, {0, inputs_}, share(worker, pass, outputs()), pass.output);
}

void DenseLayer::forward_in_chains(Worker& worker, const LayerPass& pass, bool by_features) const {
  const std::size_t rows = pass.output.rows;
  const std::size_t middle = PixelBatch::middle(inputs_);
  const Range& own_rows = pass.rows;
  const Matrix second = own(pass).chain(1, rows);
  Matrix first = pass.output;
  if (by_features) {
    // Not directly into the output, whose rows other workers write: that would move more cache
    // lines between cores.
    first = own(pass).chain(0, rows);
    sum(pass, {0, middle}, {{0, rows}, chain_columns(worker, 0)}, first);
    sum(pass, {middle, inputs_}, {{0, rows}, chain_columns(worker, 1)}, second);
    worker.barrier();
  } else {
    sum(pass, {0, middle}, {own_rows, {0, outputs()}}, first);
    sum(pass, {middle, inputs_}, {own_rows, {0, outputs()}}, second);
  }
  kernels::add(first.row_range(own_rows.begin, own_rows.end),
               second.row_range(own_rows.begin, own_rows.end),
               pass.output.row_range(own_rows.begin, own_rows.end));
}

void DenseLayer::sum(const LayerPass& pass, const Range& inputs, const Block& block,
                     Matrix z) const {
  const auto& [rows, columns] = block;
  const ConstMatrix w =
      weights().row_range(inputs.begin, inputs.end).column_range(columns.begin, columns.end);
  const float* b = has_bias() && inputs.begin == 0 ? bias() + columns.begin : nullptr;
  z = z.row_range(rows.begin, rows.end).column_range(columns.begin, columns.end);
  if (const PixelBatch* pixels = own(pass).pixels()) {
    kernels::pixel_forward(*pixels, rows.begin, inputs.begin, w, b, z);
  } else {
    matmul(Op::kPlain,
           pass.input.row_range(rows.begin, rows.end).column_range(inputs.begin, inputs.end),
           Op::kPlain, w, b, z);
  }
}

Range DenseLayer::chain_columns(const Worker& worker, std::size_t chain) const {
  // Share the columns of both halves as if they were one row.
  const std::size_t stride = parameter_.stride;
  const Range both = worker.share(2 * stride, kFloatsPerLine);
  const auto column = [&](std::size_t of_both) {
    return std::clamp(of_both, chain * stride, chain * stride + outputs()) - chain * stride;
  };
  return {column(both.begin), column(both.end)};
}

void DenseLayer::backward(Worker& worker, const LayerPass& pass) const {
  const DenseSharing sharing = dense_sharing(work(pass));
  if (sharing.update == DenseSharing::Update::kRelay && worker.index() == 1) {
    begin_relay(pass, own(pass).relay());
  }
  if (pass.input_delta.data == nullptr) return;
  const auto [rows, columns] = share(worker, pass, inputs_);
  matmul(Op::kPlain, pass.output_delta.row_range(rows.begin, rows.end), Op::kTransposed,
         weights().row_range(columns.begin, columns.end), nullptr,
         pass.input_delta.row_range(rows.begin, rows.end).column_range(columns.begin, columns.end));
}

void DenseLayer::begin_relay(const LayerPass& pass, Matrix partial) const {
  const Range& rows = pass.rows;
  if (rows.empty()) return;
  const ConstMatrix delta = pass.output_delta.row_range(rows.begin, rows.end);
  matmul(Op::kTransposed, pass.input.row_range(rows.begin, rows.end), Op::kPlain, delta, nullptr,
         partial.row_range(0, inputs_));
  if (!has_bias()) return;
  float* of_bias = partial.row(inputs_);
  std::fill_n(of_bias, outputs(), 0.0F);
  add_rows(delta, of_bias);
}

Block DenseLayer::share(const Worker& worker, const LayerPass& pass, std::size_t columns) const {
  if (shares_columns(pass)) {
    return {{0, pass.output.rows}, column_share(worker, columns)};
  }
  return {pass.rows, {0, columns}};
}

void DenseLayer::gradient(const Block& share, const LayerPass& pass,
                          std::span<const float* const> companions, ZeroRows zeros,
                          const GradientSink& sink) const {
  const Range rows{share.rows.begin, std::min(share.rows.end, inputs_)};
  const PixelBatch* pixels = own(pass).pixels();
  const Matrix relay = own(pass).relay();
  // With kRelay the other worker has already summed the gradient over the rows before.
  const bool relayed = dense_sharing(work(pass)).update == DenseSharing::Update::kRelay;
  const std::size_t first = relayed ? pass.rows.begin : 0;
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
  if (pixels == nullptr) {
    const std::size_t offset = rows.begin * stride + share.columns.begin;
    std::vector<const float*> of_share(companions.begin(), companions.end());
    for (const float*& array : of_share) array += offset;
    kernels::matmul_in_blocks(pass.input.row_range(first, last).column_range(rows.begin, rows.end),
                              delta, first == 0 ? nullptr : relay.data + offset, stride, of_share,
                              std::cref(hand_on));
  } else {
    const auto wanted = [&](std::size_t row) {
      return zeros == ZeroRows::kKept || pixels->has_any(row / PixelBatch::kGroup, delta.rows);
    };
    const std::size_t most = pixel_rows(stride);
    for (std::size_t row = rows.begin, end = 0; row < rows.end; row = end) {
      end = row + PixelBatch::kGroup;
      if (!wanted(row)) continue;
      while (end < std::min(row + most, rows.end) && wanted(end)) end += PixelBatch::kGroup;
      end = std::min(end, rows.end);
      const Matrix block{scratch(most * stride), end - row, delta.columns, stride};
      kernels::pixel_gradient(*pixels, row, delta, block);
      sink({{row, end}, share.columns}, block.data);
    }
  }
  if (share.rows.end > inputs_) {
    const Matrix of_bias{scratch(stride), 1, delta.columns, stride};
    if (first == 0) {
      std::fill_n(of_bias.data, delta.columns, 0.0F);
    } else {
      std::copy_n(relay.row(inputs_) + share.columns.begin, delta.columns, of_bias.data);
    }
    add_rows(delta, of_bias.data);
    hand_on(inputs_ - rows.begin, 0, of_bias);
  }
}

std::size_t DenseLayer::row_of(std::size_t i) const {
  const std::size_t plane = input_shape_.height * input_shape_.width;
  return i % plane * input_shape_.channels + i / plane;
}

std::vector<NamedParameter> DenseLayer::named_parameters(const std::string& prefix) const {
  NamedParameter weight{prefix + ".weight", {outputs(), inputs_}, {}};
  weight.values.reserve(outputs() * inputs_);
  const ConstMatrix w = weights();
  for (std::size_t out = 0; out < outputs(); ++out) {
    for (std::size_t in = 0; in < inputs_; ++in) weight.values.push_back(w.row(row_of(in))[out]);
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
      w.row(row_of(in))[out] = parameters[0].values[out * inputs_ + in];
    }
  }
  if (has_bias()) std::ranges::copy(parameters[1].values, parameter_.matrix().row(inputs_));
}

}  // namespace mnist
