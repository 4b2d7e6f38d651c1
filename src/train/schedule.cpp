#include "train/schedule.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/portable_math.h"

namespace mnist {

namespace {

// torch.optim.lr_scheduler.OneCycleLR's default proportions.
constexpr double kRisingPart = 0.3;
constexpr double kInitialDivisor = 25;
constexpr double kFinalDivisor = 1e4;

// Half a cosine: `from` at t = 0, `to` at t = 1.
double cosine_between(double from, double to, double t) {
  return to + (from - to) / 2 * (1 + portable::sine_and_cosine(t / 2).cosine);
}

}  // namespace

Schedule::Schedule(const ScheduleSettings& settings, double learning_rate, std::size_t total_steps)
    : settings_(settings),
      learning_rate_(learning_rate),
      total_steps_(static_cast<double>(total_steps)),
      warmup_steps_(settings.warmup < 1 ? std::floor(settings.warmup * total_steps_)
                                        : settings.warmup) {
  if (!(settings.warmup >= 0) || warmup_steps_ > total_steps_ ||
      (settings.warmup > 1 && settings.warmup != std::floor(settings.warmup))) {
    refuse("the warmup is a number of steps up to all of them, or a fraction of them below 1");
  }
  if (settings.kind == ScheduleKind::kOneCycle && settings.warmup > 0) {
    refuse("the one-cycle schedule has a warmup of its own; remove the other");
  }
  if (!(settings.decay > 0 && settings.decay <= 1)) {
    refuse("the schedule's decay lies between 0 (excluded) and 1");
  }
  if (!(settings.decay_every >= 0)) {
    refuse("the schedule's decay is every so many steps, above 0");
  }
  if (settings_.decay_every == 0) settings_.decay_every = std::max(1.0, total_steps_ / 3);
}

float Schedule::at(std::size_t step) const {
  const auto now = static_cast<double>(step);
  if (now < warmup_steps_) {
    return static_cast<float>(learning_rate_ * (now + 1) / warmup_steps_);
  }
  const double since_warmup = now - warmup_steps_;
  const double after_warmup = total_steps_ - warmup_steps_;
  double rate = learning_rate_;
  switch (settings_.kind) {
    case ScheduleKind::kConstant:
      break;
    case ScheduleKind::kStep:
      rate *= portable::pow(settings_.decay, std::floor(since_warmup / settings_.decay_every));
      break;
    case ScheduleKind::kExponential:
      rate *= portable::pow(settings_.decay, since_warmup / settings_.decay_every);
      break;
    case ScheduleKind::kCosine:
      rate = cosine_between(rate, 0, since_warmup / after_warmup);
      break;
    case ScheduleKind::kOneCycle: {
      const double initial = rate / kInitialDivisor;
      const double top = kRisingPart * total_steps_ - 1;
      const double last = total_steps_ - 1;
      if (now <= top) {
        rate = top > 0 ? cosine_between(initial, rate, now / top) : initial;
      } else {
        rate = cosine_between(rate, initial / kFinalDivisor, (now - top) / (last - top));
      }
      break;
    }
  }
  return static_cast<float>(rate);
}

}  // namespace mnist
