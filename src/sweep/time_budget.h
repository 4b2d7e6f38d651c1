// How a search spends its time.
#pragma once

#include <cstddef>
#include <vector>

#include "base/thread_pool.h"
#include "train/run_training.h"
#include "train/train_settings.h"

namespace mnist {

/// A round of a search within a time: so many trials, each trained anew in full, for so many
/// seconds of one core.
struct TimedRound {
  std::size_t trials = 0;
  double seconds = 0;
};

/// Rounds that share a number of seconds of one core evenly, each with a third of the trials of the
/// one before, down to three. There are as many as leave each trial of the first round ten seconds,
/// but at least one. A trial is trained anew each time, because one that its learning rate has not
/// yet come down in tells little.
std::vector<TimedRound> timed_rounds(double core_seconds);

/// Steps that take that long, at least `least` and else at most `most_epochs` passes over the rows.
std::size_t steps_within(double seconds, double steps_per_second, std::size_t batch_size,
                         std::size_t rows, std::size_t most_epochs, std::size_t least = 1);

/// Steps a second that training with these settings makes, measured over about `seconds`, half of
/// which are to get warm.
double measure_speed(TrainSettings settings, const Dataset& training, ThreadPool& pool,
                     double seconds);

}  // namespace mnist
