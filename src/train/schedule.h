// The learning rate as a function of the step.
#pragma once

#include <cstddef>

namespace mnist {

enum class ScheduleKind {
  kConstant,
  kStep,         // times `decay` every `decay_every` steps: torch StepLR
  kExponential,  // times decay^(step / decay_every): the same as a continuous curve
  kCosine,       // half a cosine down to 0: torch CosineAnnealingLR with T_max = steps
  kOneCycle,     // torch OneCycleLR, cosine annealing, its default proportions
};

struct ScheduleSettings {
  ScheduleKind kind = ScheduleKind::kOneCycle;
  double warmup = 0;   // length of the linear rise from 0: steps, or below 1 a part of all steps
  double decay = 0.1;  // for step and exponential: the factor
  double decay_every = 0;  // for step and exponential: steps; 0: a third of all steps
};

class Schedule {
 public:
  /// Throws Error(kUsage) for values out of range, and for a warmup with one-cycle, which has its
  /// own.
  Schedule(const ScheduleSettings& settings, double learning_rate, std::size_t total_steps);

  /// The learning rate of a step from 0 to total_steps - 1.
  float at(std::size_t step) const;

 private:
  ScheduleSettings settings_;
  double learning_rate_;
  double total_steps_;
  double warmup_steps_;
};

}  // namespace mnist
