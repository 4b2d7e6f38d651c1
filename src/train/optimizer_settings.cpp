#include "train/optimizer_settings.h"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "base/error.h"
#include "train/update_rule.h"

namespace mnist {
namespace {

void take_default(std::optional<float>& value, const std::optional<float>& preset, const char* what,
                  std::string_view optimizer, float below) {
  if (value && !preset) {
    refuse(fmt::format("{} does not use {}; remove it", optimizer, what));
  }
  if (!value) value = preset;
  if (value && !(*value >= 0 && *value < below)) {
    refuse(fmt::format("{} of {} is out of range; it lies between 0 and {}", what, *value,
                       std::isinf(below) ? "infinity" : "1 (1 excluded)"));
  }
}

}  // namespace

OptimizerSettings with_defaults(const OptimizerSettings& settings) {
  const OptimizerRow& preset = optimizer_row(settings.kind);
  constexpr float kUnbounded = INFINITY;
  OptimizerSettings full = settings;
  take_default(full.learning_rate, preset.learning_rate, "learning rate", preset.name, kUnbounded);
  take_default(full.momentum, preset.momentum, "momentum", preset.name, 1);
  take_default(full.weight_decay, preset.weight_decay, "weight decay", preset.name, kUnbounded);
  take_default(full.beta1, preset.beta1, "beta1", preset.name, 1);
  take_default(full.beta2, preset.beta2, "beta2", preset.name, 1);
  take_default(full.epsilon, preset.epsilon, "epsilon", preset.name, kUnbounded);
  if (full.clip_norm && !(*full.clip_norm > 0)) {
    refuse("clip norm must be above 0");
  }
  if (full.max_norm && !(*full.max_norm > 0)) {
    refuse("max norm must be above 0");
  }
  if (!(full.ema >= 0 && full.ema < 1)) {
    refuse("the ema's decay lies between 0 and 1 (1 excluded)");
  }
  return full;
}

}  // namespace mnist
