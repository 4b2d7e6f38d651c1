// The plan of a search within a given time.
#pragma once

#include <cstddef>
#include <vector>

#include "base/thread_pool.h"
#include "train/run_training.h"
#include "train/train_settings.h"

namespace mnist {

/// A round of the search: the number of trials, and the seconds of one core for each. Every trial
/// is trained anew, with a full schedule.
struct TimedRound {
  std::size_t trials = 0;
  double seconds = 0;
};

/// Rounds that share `core_seconds` evenly. Each round has a third of the trials of the one before;
/// the last has three. There are as many rounds as leave each trial of the first one ten seconds,
/// but at least one round. Trials are trained anew in each round, because a run that is cut before
/// its learning rate has decayed says little about the final accuracy.
std::vector<TimedRound> timed_rounds(double core_seconds);

/// The steps that fit into `seconds`, at most `most_epochs` epochs, but at least `least`.
std::size_t steps_within(double seconds, double steps_per_second, std::size_t batch_size,
                         std::size_t rows, std::size_t most_epochs, std::size_t least = 1);

/// The steps per second of training with these settings, measured for about `seconds`. The first
/// half is a warm-up and does not count. Early stopping is left out: there are no validation rows.
double measure_speed(TrainSettings settings, const Dataset& training, ThreadPool& pool,
                     double seconds);

}  // namespace mnist
