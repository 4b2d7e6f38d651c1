// Keeps the threads of a pool on different processors. The scheduler may otherwise leave threads
// that wake each other every few microseconds on one processor for good: they run there by turns,
// so it sees no load to balance.
#pragma once

#include <atomic>
#include <cstddef>
#include <vector>

namespace mnist {

class ThreadSpreader {
 public:
  explicit ThreadSpreader(std::size_t threads);

  /// Thread `index` (from 0) calls this before its `task`-th task (from 1). Once in a few hundred
  /// tasks the thread compares its processor with those of threads of lower index. If one of them
  /// runs there, the thread moves to another processor that this process may use. It is not pinned
  /// there: the scheduler may move it again.
  void settle(std::size_t index, std::size_t task);

 private:
  std::vector<std::atomic<int>> processor_;  // of each thread at its last check; -1: none yet
};

}  // namespace mnist
