// Threads that run one task in lock step. Tasks split work over outputs or samples, never over the
// terms of a sum (unless that sum is defined as a sum of fixed parts), so that results do not
// depend on the number of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "base/waitable_count.h"

namespace mnist {

/// Indices [begin, end).
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;

  std::size_t size() const { return end - begin; }
  bool empty() const { return begin == end; }
  bool operator==(const Range&) const = default;
};

class ThreadPool;

/// One thread's view of a task that all threads of a pool run together.
class Worker {
 public:
  /// The worker of a task that one thread runs outside a pool.
  static Worker alone() { return {nullptr, 0, 1}; }

  std::size_t index() const { return index_; }
  std::size_t count() const { return count_; }

  /// Waits until every worker of the task has arrived. All workers must call it equally often. If
  /// another worker has failed, it throws to leave the task: do not catch that exception.
  void barrier();

  /// From now on to the end of the task, a barrier calls work() repeatedly while it waits, until
  /// work() returns false or all workers have arrived. work() does one small piece that any worker
  /// may do (work stealing). `work` must outlive the task.
  template <class Work>
  void while_waiting(Work& work) {
    spare_work_ = [](void* context) { return (*static_cast<Work*>(context))(); };
    spare_context_ = &work;
  }

  /// This worker's part of n items. Parts are contiguous and in order, cover [0, n), begin at
  /// multiples of `grain` (> 0) and differ by at most one grain.
  Range share(std::size_t n, std::size_t grain = 1) const;

  /// The same with the workers in reverse order: the last one has the first part.
  Range reverse_share(std::size_t n, std::size_t grain = 1) const;

 private:
  friend class ThreadPool;
  Worker(ThreadPool* pool, std::size_t index, std::size_t count)
      : pool_(pool), index_(index), count_(count) {}

  ThreadPool* pool_;
  std::size_t index_;
  std::size_t count_;
  // See ThreadPool::State: the count of arrivals that ends the current round, and the history of
  // this worker's waits.
  std::uint32_t awaited_arrivals_ = 0;
  SpinPatience patience_;
  bool (*spare_work_)(void*) = nullptr;
  void* spare_context_ = nullptr;
};

class ThreadPool {
 public:
  /// `threads` workers, including the calling thread; 0 means one per core this process may use.
  /// Idle threads spin for some 300 µs before they sleep, unless threads outnumber cores. Throws
  /// Error(kFailure) if the system cannot start that many, Error(kUsage) for more than 4096.
  explicit ThreadPool(std::size_t threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  std::size_t size() const;

  /// Runs task(Worker&) on every thread, the caller as worker 0, and returns when all are done. If
  /// a worker throws, the others leave the task at their next barrier, and run() throws the first
  /// exception; the pool stays usable. The task must not call run(), and only one thread at a time
  /// may call it. A pool of one thread makes a plain call.
  template <class Task>
  void run(Task&& task) {
    run_erased(
        [](void* context, Worker& worker) {
          (*static_cast<std::remove_reference_t<Task>*>(context))(worker);
        },
        &task);
  }

 private:
  friend class Worker;
  struct State;

  void run_erased(void (*task)(void*, Worker&), void* context);

  std::unique_ptr<State> state_;
};

}  // namespace mnist
