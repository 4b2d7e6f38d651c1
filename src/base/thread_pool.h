// Threads that work on one task in lock step. Work is split over outputs or samples, never over the
// terms of a sum unless the sum is defined as one of two parts, so results do not depend on the
// number of threads.
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
  /// The only worker of a task that one thread runs outside of any pool.
  static Worker alone() { return {nullptr, 0, 1}; }

  std::size_t index() const { return index_; }
  std::size_t count() const { return count_; }

  /// Waits until every worker of the task has come here. All of them must call it equally often.
  /// Throws to leave the task where another worker has failed: let it pass.
  void barrier();

  /// From here to the end of the task this worker calls work() while it waits at barriers, again
  /// and again until it returns false or all have come: small pieces of work that any worker may
  /// do. `work` has to live that long.
  template <class Work>
  void while_waiting(Work& work) {
    spare_work_ = [](void* context) { return (*static_cast<Work*>(context))(); };
    spare_context_ = &work;
  }

  /// This worker's part of n items; parts are contiguous, in order, cover [0, n), begin at
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
  // See ThreadPool::State: the count to wait for at a barrier, and waits not worth spinning for.
  std::uint32_t awaited_arrivals_ = 0;
  SpinPatience patience_;
  bool (*spare_work_)(void*) = nullptr;
  void* spare_context_ = nullptr;
};

class ThreadPool {
 public:
  /// `threads` workers, the calling thread among them; 0 means one per core this process may use.
  /// Idle threads spin for some 300 µs before they sleep, unless threads outnumber cores. Throws
  /// Error(kFailure) where the system does not give that many, Error(kUsage) for more than 4096.
  explicit ThreadPool(std::size_t threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  std::size_t size() const;

  /// Runs task(Worker&) on every thread, the caller being worker 0, and returns when all are done.
  /// Where workers throw, all leave the task at their next barrier, and the first exception is
  /// thrown from here; the pool can be used again. The task must not call run() again; one thread
  /// at a time may call run(). A pool of one runs the task as a plain call.
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
