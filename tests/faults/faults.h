// Runs the program with its calls of the system watched, or some of them failing.
#pragma once

#include <string>

#include "cli/sandbox.h"

namespace mnist::testing {

/// What to put before a command of a shell script, so that fault_library.cc watches the files in
/// the directory `watched`. `settings` are variables of that library: "MNIST_FAULTS_FAIL=EIO:3".
std::string with_faults(const std::string& watched, const std::string& settings);

/// A CSV without its column of seconds.
std::string untimed(const std::string& csv);

/// What does not depend on time of the files of a run: weights, losses and epochs.
std::string bytes_of_run(const Sandbox& box, const std::string& run);

/// The same of a sweep: trials.csv and the weights of its runs.
std::string bytes_of_sweep(const Sandbox& box, const std::string& sweep);

}  // namespace mnist::testing
