// Keeps the threads of a pool on processors of their own. Threads that wake each other every few
// microseconds may otherwise share one processor for good: as they run by turns there, the system
// sees nothing to balance.
#pragma once

#include <atomic>
#include <cstddef>
#include <vector>

namespace mnist {

class ThreadSpreader {
 public:
  explicit ThreadSpreader(std::size_t threads);

  /// To be called by thread `index` (0 the first) for its `task`-th task, counted from 1. Every so
  /// many tasks it looks where it runs, and where a thread of lower index runs too, it moves to
  /// another processor that this process may use. It is free to be moved again from there: nothing
  /// is bound.
  void settle(std::size_t index, std::size_t task);

 private:
  std::vector<std::atomic<int>> processor_;  // of each thread when it last looked; -1: not yet
};

}  // namespace mnist
