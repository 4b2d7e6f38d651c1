#include "train/optimizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/error.h"
#include "base/portable_math.h"
#include "kernels/column_norm.h"

namespace mnist {

namespace {

constexpr std::size_t kAverage = 2;  // the parameter's own among its running averages
// Weights are averaged in pieces while the update has them in the first-level cache.
constexpr std::size_t kPieceFloats = 1 << 10;

struct Defaults {
  const char* name;
  float learning_rate;
  std::optional<float> momentum, weight_decay, beta1, beta2, epsilon;
};

// PyTorch's defaults but for the learning rates, which suit mini-batches of MNIST; a field without
// a value is one that the optimizer does not use.
Defaults defaults_of(OptimizerKind kind) {
  switch (kind) {
    case OptimizerKind::kSgd:
      return {"sgd", 0.1F, {}, 0.0F, {}, {}, {}};
    case OptimizerKind::kMomentum:
      return {"momentum", 0.05F, 0.9F, 0.0F, {}, {}, {}};
    case OptimizerKind::kNesterov:
      return {"nesterov", 0.05F, 0.9F, 0.0F, {}, {}, {}};
    case OptimizerKind::kRmsprop:
      return {"rmsprop", 0.001F, 0.0F, 0.0F, {}, 0.99F, 1e-8F};
    case OptimizerKind::kAdagrad:
      return {"adagrad", 0.01F, {}, 0.0F, {}, {}, 1e-10F};
    case OptimizerKind::kAdam:
      return {"adam", 0.01F, {}, 0.0F, 0.9F, 0.999F, 1e-8F};
    case OptimizerKind::kAdamw:
      break;
  }
  return {"adamw", 0.01F, {}, 0.01F, 0.9F, 0.999F, 1e-8F};
}

void take_default(std::optional<float>& value, const std::optional<float>& preset, const char* what,
                  const char* optimizer, float below) {
  if (value && !preset) {
    throw Error(ExitCode::kUsage, fmt::format("{} does not use {}; remove it", optimizer, what));
  }
  if (!value) value = preset;
  if (value && !(*value >= 0 && *value < below)) {
    throw Error(ExitCode::kUsage,
                fmt::format("{} of {} is out of range; it lies between 0 and {}", what, *value,
                            std::isinf(below) ? "infinity" : "1 (1 excluded)"));
  }
}

}  // namespace

OptimizerSettings with_defaults(const OptimizerSettings& settings) {
  const Defaults preset = defaults_of(settings.kind);
  constexpr float kUnbounded = INFINITY;
  OptimizerSettings full = settings;
  take_default(full.learning_rate, preset.learning_rate, "learning rate", preset.name, kUnbounded);
  take_default(full.momentum, preset.momentum, "momentum", preset.name, 1);
  take_default(full.weight_decay, preset.weight_decay, "weight decay", preset.name, kUnbounded);
  take_default(full.beta1, preset.beta1, "beta1", preset.name, 1);
  take_default(full.beta2, preset.beta2, "beta2", preset.name, 1);
  take_default(full.epsilon, preset.epsilon, "epsilon", preset.name, kUnbounded);
  if (full.clip_norm && !(*full.clip_norm > 0)) {
    throw Error(ExitCode::kUsage, "clip norm must be above 0");
  }
  if (full.max_norm && !(*full.max_norm > 0)) {
    throw Error(ExitCode::kUsage, "max norm must be above 0");
  }
  if (!(full.ema >= 0 && full.ema < 1)) {
    throw Error(ExitCode::kUsage, "the ema's decay lies between 0 and 1 (1 excluded)");
  }
  return full;
}

Optimizer::Optimizer(const OptimizerSettings& settings, Network& network)
    : settings_(with_defaults(settings)), network_(network) {
  const OptimizerKind kind = settings_.kind;
  const bool adam = kind == OptimizerKind::kAdam || kind == OptimizerKind::kAdamw;
  const bool with_momentum = settings_.momentum.value_or(0) != 0;
  for (std::size_t i = 0; i < network.depth(); ++i) {
    Parameter* parameter = network.layer(i).parameter();
    if (parameter == nullptr) continue;
    const std::size_t size = parameter->values.size();
    Slot slot;
    slot.name = std::to_string(i);
    slot.layer = i;
    slot.parameter = parameter;
    if (adam || with_momentum) slot.state[0].resize(size);
    if (adam || kind == OptimizerKind::kRmsprop || kind == OptimizerKind::kAdagrad) {
      slot.state[1].resize(size);
    }
    if (settings_.ema > 0) slot.state[kAverage] = parameter->values;
    if (settings_.clip_norm) {
      slot.gradient.resize(size);
      slot.row_norms.resize(parameter->rows);
    }
    const bool hidden = i + 1 < network.depth();
    if (settings_.max_norm && hidden) slot.limited = dynamic_cast<DenseLayer*>(&network.layer(i));
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
    if (settings_.ema > 0) slot.state[kAverage] = tracked->values;
    slots_.push_back(std::move(slot));
  }
  if (settings_.max_norm && std::ranges::all_of(slots_, std::logical_not<>(), &Slot::limited)) {
    throw Error(ExitCode::kUsage,
                fmt::format("max norm limits hidden units, and layers {} have none; remove it",
                            to_string(network.layers())));
  }
}

void Optimizer::swap_average() {
  for (Slot& slot : slots_) {
    if (settings_.ema > 0) slot.parameter->values.swap(slot.state[kAverage]);
  }
}

std::vector<NamedParameter> Optimizer::state() const {
  std::vector<NamedParameter> all;
  for (const Slot& slot : slots_) {
    for (std::size_t i = 0; i < slot.state.size(); ++i) {
      if (slot.state[i].empty()) continue;
      all.push_back({fmt::format("{}.{}", slot.name, i),
                     {slot.parameter->rows, slot.parameter->stride},
                     {slot.state[i].begin(), slot.state[i].end()}});
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
    for (AlignedVector<float>& values : slot.state) {
      if (!values.empty()) std::ranges::copy((next++)->values, values.begin());
    }
  }
  steps_ = steps;
}

void Optimizer::begin_step(float learning_rate) {
  const auto made = static_cast<double>(steps_);
  average_share_ = static_cast<float>(1 - std::min(settings_.ema, (1 + made) / (10 + made)));
  ++steps_;
  learning_rate_ = learning_rate;
  const OptimizerKind kind = settings_.kind;
  if (kind != OptimizerKind::kAdam && kind != OptimizerKind::kAdamw) return;
  const auto t = static_cast<double>(steps_);
  const double first_correction = 1 - portable::pow(static_cast<double>(*settings_.beta1), t);
  const double second_correction = 1 - portable::pow(static_cast<double>(*settings_.beta2), t);
  const bool decoupled = kind == OptimizerKind::kAdamw;
  const float decay = *settings_.weight_decay;
  adam_ = {
      static_cast<float>(static_cast<double>(learning_rate) / first_correction),
      *settings_.beta1,
      *settings_.beta2,
      *settings_.epsilon,
      static_cast<float>(std::sqrt(second_correction)),
      decoupled ? 0.0F : decay,
      decoupled ? 1.0F - learning_rate * decay : 1.0F,
  };
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
  // Plain gradient descent alone changes nothing where there is no gradient.
  const bool plain = settings_.kind == OptimizerKind::kSgd &&
                     settings_.weight_decay.value_or(0) == 0 && settings_.ema == 0;
  const ZeroRows zeros = plain ? ZeroRows::kLeftOut : ZeroRows::kKept;
  for (Slot& slot : trained()) {
    const Parameter& p = *slot.parameter;
    const LayerPass layer_pass = pass.layer(slot.layer, worker);
    const Layer& layer = network_.layer(slot.layer);
    const auto use = [&](const Block& block, const float* gradient) {
      update_block(slot, block, gradient, scale);
    };
    std::vector<const float*> used;
    used.reserve(1 + slot.state.size());
    used.push_back(p.values.data());
    for (const AlignedVector<float>& values : slot.state) {
      if (!values.empty()) used.push_back(values.data());
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
  // torch.nn.utils.clip_grad_norm_
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
    if (slot.limited == nullptr) continue;
    const Parameter& p = *slot.parameter;
    const Range columns = column_share(worker, p.columns);
    if (columns.empty()) continue;
    kernels::limit_column_norms(slot.limited->weights().column_range(columns.begin, columns.end),
                                *settings_.max_norm);
    if (settings_.ema > 0) average_piece(slot, columns.begin, {p.rows, columns.size(), p.stride});
  }
}

void Optimizer::average_piece(Slot& slot, std::size_t begin, Extent extent) {
  kernels::move_average(slot.state[kAverage].data() + begin, slot.parameter->values.data() + begin,
                        extent, average_share_);
}

void Optimizer::update_block(Slot& slot, const Block& block, const float* g, float scale) {
  const std::size_t stride = slot.parameter->stride;
  const std::size_t columns = padded_stride(block.columns.size());
  const bool average = settings_.ema > 0 && slot.limited == nullptr;
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
  float* w = slot.parameter->values.data() + begin;
  float* s0 = slot.state[0].empty() ? nullptr : slot.state[0].data() + begin;
  float* s1 = slot.state[1].empty() ? nullptr : slot.state[1].data() + begin;
  const float decay = settings_.weight_decay.value_or(0);
  const float momentum = settings_.momentum.value_or(0);
  switch (settings_.kind) {
    case OptimizerKind::kSgd:
      kernels::sgd_update(w, g, extent, scale, learning_rate_, decay);
      break;
    case OptimizerKind::kMomentum:
    case OptimizerKind::kNesterov:
      if (s0 == nullptr) {
        kernels::sgd_update(w, g, extent, scale, learning_rate_, decay);
      } else {
        kernels::momentum_update(w, s0, g, extent, scale, learning_rate_, decay, momentum,
                                 settings_.kind == OptimizerKind::kNesterov);
      }
      break;
    case OptimizerKind::kRmsprop:
      kernels::rmsprop_update(w, s1, s0, g, extent, scale, learning_rate_, decay, *settings_.beta2,
                              *settings_.epsilon, momentum);
      break;
    case OptimizerKind::kAdagrad:
      kernels::adagrad_update(w, s1, g, extent, scale, learning_rate_, decay, *settings_.epsilon);
      break;
    case OptimizerKind::kAdam:
    case OptimizerKind::kAdamw:
      kernels::adam_update(w, s0, s1, g, extent, scale, adam_);
      break;
  }
}

}  // namespace mnist
