// The learning rate as a function of the step.
#pragma once

#include <cstddef>

namespace mnist {

enum class ScheduleKind {
  kConstant,
  kStep,         // times `decay` after every `decay_every` steps: torch StepLR
  kExponential,  // decay^(step / decay_every): the step schedule without its steps
  kCosine,       // half a cosine down to 0: torch CosineAnnealingLR with T_max = steps
  kOneCycle,     // torch OneCycleLR, cosine annealing, its default proportions
};

struct ScheduleSettings {
  ScheduleKind kind = ScheduleKind::kOneCycle;
  double warmup = 0;       // steps, or a fraction of all steps below 1, of linear increase from 0
  double decay = 0.1;      // step, exponential
  double decay_every = 0;  // step, exponential: in steps; 0: a third of all steps
};

class Schedule {
 public:
  /// Throws Error(kUsage) for values out of range and for a warmup of one-cycle, which has its own.
  Schedule(const ScheduleSettings& settings, double learning_rate, std::size_t total_steps);

  /// The rate of step 0 .. total_steps - 1.
  float at(std::size_t step) const;

 private:
  ScheduleSettings settings_;
  double learning_rate_;
  double total_steps_;
  double warmup_steps_;
};

}  // namespace mnist
