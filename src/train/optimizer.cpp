#include "train/optimizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/error.h"
#include "kernels/column_norm.h"
#include "kernels/optimizer_update.h"

namespace mnist {

namespace {

// With a moving average the update works on pieces of this size, so that the new weights are still
// in the L1 cache when they are averaged.
constexpr std::size_t kPieceFloats = 1 << 10;

}  // namespace

Optimizer::Optimizer(const OptimizerSettings& settings, Network& network)
    : settings_(with_defaults(settings)),
      rule_(optimizer_row(settings_.kind).make(settings_)),
      network_(network) {
  for (std::size_t i = 0; i < network.depth(); ++i) {
    Parameter* parameter = network.layer(i).parameter();
    if (parameter == nullptr) continue;
    const std::size_t size = parameter->values.size();
    Slot slot;
    slot.name = std::to_string(i);
    slot.layer = i;
    slot.parameter = parameter;
    if (rule_->keeps_momentum()) slot.momentum.resize(size);
    if (rule_->keeps_squares()) slot.squares.resize(size);
    if (settings_.ema > 0) slot.average = parameter->values;
    if (settings_.clip_norm) {
      slot.gradient.resize(size);
      slot.row_norms.resize(parameter->rows);
    }
    const bool hidden = i + 1 < network.depth();
    if (settings_.max_norm && hidden) slot.limited = network.layer(i).unit_weights();
    slots_.push_back(std::move(slot));
  }
  trained_ = slots_.size();
  for (std::size_t i = 0; i < network.depth(); ++i) {
    Parameter* tracked = network.layer(i).tracked();
    if (tracked == nullptr) continue;
    Slot slot;
    slot.name = fmt::format("{}.tracked", i);
    slot.layer = i;
    slot.parameter = tracked;
    if (settings_.ema > 0) slot.average = tracked->values;
    slots_.push_back(std::move(slot));
  }
  if (settings_.max_norm &&
      std::ranges::none_of(slots_, [](const Slot& slot) { return slot.limited.has_value(); })) {
    refuse(fmt::format("max norm limits hidden units, and layers {} have none; remove it",
                       to_string(network.layers())));
  }
}

void Optimizer::swap_average() {
  for (Slot& slot : slots_) {
    if (settings_.ema > 0) slot.parameter->values.swap(slot.average);
  }
}

std::vector<NamedParameter> Optimizer::state() const {
  std::vector<NamedParameter> all;
  for (const Slot& slot : slots_) {
    std::size_t number = 0;
    for (const AlignedVector<float>* values : states(slot)) {
      const std::string name = fmt::format("{}.{}", slot.name, number++);
      if (values->empty()) continue;
      all.push_back(
          {name, {slot.parameter->rows, slot.parameter->stride}, {values->begin(), values->end()}});
    }
  }
  return all;
}

void Optimizer::set_state(const std::vector<NamedParameter>& state, std::uint64_t steps) {
  const std::vector<NamedParameter> own = this->state();
  const auto same = [](const NamedParameter& a, const NamedParameter& b) {
    return a.name == b.name && a.shape == b.shape;
  };
  if (!std::ranges::equal(own, state, same)) {
    throw Error(ExitCode::kBadInput, "the optimizer's state is of another optimizer or network");
  }
  auto next = state.begin();
  for (Slot& slot : slots_) {
    for (AlignedVector<float>* values : states(slot)) {
      if (!values->empty()) std::ranges::copy((next++)->values, values->begin());
    }
  }
  steps_ = steps;
}

void Optimizer::begin_step(float learning_rate) {
  const auto made = static_cast<double>(steps_);
  average_share_ = static_cast<float>(1 - std::min(settings_.ema, (1 + made) / (10 + made)));
  ++steps_;
  rule_->begin_step(learning_rate, steps_);
}

void Optimizer::update(Worker& worker, Pass& pass) {
  if (settings_.clip_norm) {
    clipped_update(worker, pass);
  } else {
    streamed_update(worker, pass);
  }
  if (settings_.max_norm) limit_norms(worker);
  track(worker, pass);
}

void Optimizer::streamed_update(Worker& worker, Pass& pass) {
  const float scale = 1.0F / static_cast<float>(pass.rows());
  const bool still = !rule_->moves_without_gradient() && settings_.ema == 0;
  const ZeroRows zeros = still ? ZeroRows::kLeftOut : ZeroRows::kKept;
  for (Slot& slot : trained()) {
    const Parameter& p = *slot.parameter;
    const LayerPass layer_pass = pass.layer(slot.layer, worker);
    const Layer& layer = network_.layer(slot.layer);
    const auto use = [&](const Block& block, const float* gradient) {
      update_block(slot, block, gradient, scale);
    };
    std::vector<const float*> used;
    used.push_back(p.values.data());
    for (const AlignedVector<float>* values : states(slot)) {
      if (!values->empty()) used.push_back(values->data());
    }
    for (const Block& share : layer.parameter_share(layer_pass, worker)) {
      if (!share.empty()) layer.gradient(share, layer_pass, used, zeros, std::cref(use));
    }
  }
}

void Optimizer::clipped_update(Worker& worker, Pass& pass) {
  for (Slot& slot : trained()) {
    const Parameter& p = *slot.parameter;
    const Layer& layer = network_.layer(slot.layer);
    const LayerPass layer_pass = pass.layer(slot.layer, worker);
    const auto keep = [&](const Block& block, const float* gradient) {
      for (std::size_t r = 0; r < block.rows.size(); ++r) {
        std::copy_n(gradient + r * p.stride, block.columns.size(),
                    slot.gradient.data() + (block.rows.begin + r) * p.stride + block.columns.begin);
      }
    };
    for (const Block& share : layer.parameter_share(layer_pass, worker)) {
      if (!share.empty()) layer.gradient(share, layer_pass, {}, ZeroRows::kKept, std::cref(keep));
    }
  }
  worker.barrier();
  for (Slot& slot : trained()) {
    const Parameter& p = *slot.parameter;
    const Range rows = parameter_rows(worker, p.rows);
    for (std::size_t r = rows.begin; r < rows.end; ++r) {
      slot.row_norms[r] = kernels::sum_of_squares(slot.gradient.data() + r * p.stride, p.columns);
    }
  }
  worker.barrier();
  double sum = 0;
  for (const Slot& slot : trained()) {
    for (const double row_norm : slot.row_norms) sum += row_norm;
  }
  // The formula of torch.nn.utils.clip_grad_norm_.
  const double mean = 1.0 / static_cast<double>(pass.rows());
  const double norm = std::sqrt(sum) * mean;
  const double factor = std::min(1.0, static_cast<double>(*settings_.clip_norm) / (norm + 1e-6));
  for (Slot& slot : trained()) {
    const Parameter& p = *slot.parameter;
    const Range rows = parameter_rows(worker, p.rows);
    if (rows.empty()) continue;
    update_block(slot, {rows, {0, p.columns}}, slot.gradient.data() + rows.begin * p.stride,
                 static_cast<float>(factor * mean));
  }
}

void Optimizer::track(Worker& worker, Pass& pass) {
  for (Slot& slot : tracked()) {
    const Parameter& p = *slot.parameter;
    const Range columns = column_share(worker, p.columns);
    if (columns.empty()) continue;
    network_.layer(slot.layer).track(columns, pass.layer(slot.layer, worker));
    if (settings_.ema > 0) average_piece(slot, columns.begin, {p.rows, columns.size(), p.stride});
  }
}

void Optimizer::limit_norms(Worker& worker) {
  worker.barrier();
  for (Slot& slot : trained()) {
    if (!slot.limited) continue;
    const Parameter& p = *slot.parameter;
    const Range columns = column_share(worker, p.columns);
    if (columns.empty()) continue;
    kernels::limit_column_norms(slot.limited->matrix.column_range(columns.begin, columns.end),
                                *settings_.max_norm);
    if (settings_.ema > 0) average_piece(slot, columns.begin, {p.rows, columns.size(), p.stride});
  }
}

void Optimizer::average_piece(Slot& slot, std::size_t begin, Extent extent) {
  kernels::move_average(slot.average.data() + begin, slot.parameter->values.data() + begin, extent,
                        average_share_);
}

void Optimizer::update_block(Slot& slot, const Block& block, const float* g, float scale) {
  const std::size_t stride = slot.parameter->stride;
  const std::size_t columns = padded_stride(block.columns.size());
  const bool average = settings_.ema > 0 && !slot.limited;
  const std::size_t piece =
      average ? std::max<std::size_t>(1, kPieceFloats / columns) : block.rows.size();
  for (std::size_t row = block.rows.begin; row < block.rows.end; row += piece) {
    const Extent extent{std::min(piece, block.rows.end - row), columns, stride};
    const std::size_t begin = row * stride + block.columns.begin;
    update_piece(slot, begin, extent, g + (row - block.rows.begin) * stride, scale);
    if (average) average_piece(slot, begin, extent);
  }
}

void Optimizer::update_piece(Slot& slot, std::size_t begin, Extent extent, const float* g,
                             float scale) {
  const auto at = [begin](AlignedVector<float>& values) {
    return values.empty() ? nullptr : values.data() + begin;
  };
  rule_->update(
      {at(slot.parameter->values), g, scale, at(slot.momentum), at(slot.squares), extent});
}

}  // namespace mnist
