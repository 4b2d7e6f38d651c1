#include "base/thread_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/available_cores.h"
#include "base/error.h"
#include "base/thread_spreader.h"
#include "base/waitable_count.h"

namespace mnist {
namespace {

// Alignment that prevents false sharing: two cache lines, because the adjacent-line prefetcher
// fetches lines in pairs.
constexpr std::size_t kSeparateLines = 128;

// More than any machine has processors. A limit, because each thread takes memory for its stack.
constexpr std::size_t kMostThreads = 4096;

/// Thrown by barrier() after another worker of the task has failed.
struct Abandoned {};

}  // namespace

/// The state that the threads of a pool share.
struct ThreadPool::State {
  State(ThreadPool* pool, std::size_t count)
      : spin(count <= available_cores()), caller(pool, 0, count), spreader(count) {}

  ~State() {
    publish(nullptr, nullptr);
    for (std::thread& thread : threads) thread.join();
  }

  /// Publishes the next task to all threads; nullptr ends them.
  void publish(void (*next_task)(void*, Worker&), void* next_context) {
    task = next_task;
    context = next_context;
    tasks.increment();
    tasks.wake_all();
  }

  /// Runs the task, and arrives at the round that ends it. A round in which a worker fails is the
  /// last round of the task for all workers: the failed one arrives at once, and the others leave
  /// the task from the barrier that ends this round.
  void run_task(Worker& worker) noexcept {
    bool counted = false;
    try {
      task(context, worker);
    } catch (const Abandoned&) {
      counted = true;
    } catch (...) {
      arrivals.await(worker.awaited_arrivals_, spin, worker.patience_);
      const std::lock_guard lock(failure_mutex);
      if (!failure) failure = std::current_exception();
      failed_round = worker.awaited_arrivals_ + static_cast<std::uint32_t>(worker.count_);
      failed = true;
    }
    worker.spare_work_ = nullptr;
    if (!counted) arrive(worker);
  }

  /// Counts this worker's arrival; the last arrival of a round wakes the others.
  void arrive(Worker& worker) {
    worker.awaited_arrivals_ += static_cast<std::uint32_t>(worker.count_);
    if (arrivals.increment() == worker.awaited_arrivals_) arrivals.wake_all();
  }

  void await_arrivals(Worker& worker) {
    while (worker.spare_work_ != nullptr && !arrivals.has_come_to(worker.awaited_arrivals_) &&
           worker.spare_work_(worker.spare_context_)) {
    }
    arrivals.await(worker.awaited_arrivals_, spin, worker.patience_);
  }

  bool abandoned(const Worker& worker) const {
    return failed && failed_round == worker.awaited_arrivals_;
  }

  /// The main loop of a thread: runs each published task, until there are no more.
  void work(Worker worker) noexcept {
    SpinPatience patience;
    for (std::uint32_t next_task = 1;; ++next_task) {
      tasks.await(next_task, spin, patience);
      if (task == nullptr) return;
      if (spin) spreader.settle(worker.index(), next_task);
      run_task(worker);
    }
  }

  const bool spin;  // false if threads outnumber cores: a spinning thread would block a working one
  Worker caller;
  ThreadSpreader spreader;
  std::size_t runs = 0;
  std::vector<std::thread> threads;

  alignas(kSeparateLines) WaitableCount tasks;  // number of tasks published so far
  void (*task)(void*, Worker&) = nullptr;
  void* context = nullptr;

  // Arrivals at a barrier or at the end of a task, over the pool's life. A round ends when each
  // worker has arrived, that is, when the count has grown by the number of workers.
  alignas(kSeparateLines) WaitableCount arrivals;

  // A failing task writes these before its last round ends; all workers read them after that.
  alignas(kSeparateLines) std::atomic<bool> failed{false};
  std::atomic<std::uint32_t> failed_round{0};  // the count of arrivals that ends that round
  std::mutex failure_mutex;
  std::exception_ptr failure;
};

void Worker::barrier() {
  if (count_ == 1) return;
  pool_->state_->arrive(*this);
  pool_->state_->await_arrivals(*this);
  if (pool_->state_->abandoned(*this)) throw Abandoned();
}

Range Worker::share(std::size_t n, std::size_t grain) const {
  const std::size_t grains = n / grain + (n % grain != 0);
  const std::size_t each = grains / count_;
  // The last workers take the extra grains, because the very last grain may be short.
  const std::size_t first_larger = count_ - grains % count_;
  const auto part_begin = [&](std::size_t part) {
    const std::size_t larger_before = part > first_larger ? part - first_larger : 0;
    return std::min(n, (part * each + larger_before) * grain);
  };
  return {part_begin(index_), part_begin(index_ + 1)};
}

Range Worker::reverse_share(std::size_t n, std::size_t grain) const {
  return Worker(pool_, count_ - 1 - index_, count_).share(n, grain);
}

ThreadPool::ThreadPool(std::size_t threads) {
  const std::size_t count = threads == 0 ? available_cores() : threads;
  if (count > kMostThreads) {
    refuse(fmt::format("{} threads; at most {} can be asked for", count, kMostThreads));
  }
  state_ = std::make_unique<State>(this, count);
  try {
    for (std::size_t index = 1; index < count; ++index) {
      state_->threads.emplace_back(&State::work, state_.get(), Worker(this, index, count));
    }
  } catch (const std::system_error& error) {
    throw Error(ExitCode::kFailure, fmt::format("cannot start {} threads: {}; ask for fewer", count,
                                                error.code().message()));
  }
}

ThreadPool::~ThreadPool() = default;

std::size_t ThreadPool::size() const { return state_->caller.count(); }

void ThreadPool::run_erased(void (*task)(void*, Worker&), void* context) {
  State& state = *state_;
  if (size() == 1) {
    state.caller.spare_work_ = nullptr;
    return task(context, state.caller);
  }
  if (state.spin) state.spreader.settle(0, ++state.runs);
  state.publish(task, context);
  state.run_task(state.caller);
  state.await_arrivals(state.caller);
  if (state.abandoned(state.caller)) std::rethrow_exception(std::exchange(state.failure, nullptr));
  // Every worker has left the failed task before, so no worker reads its failure any more.
  if (state.failed) state.failed = false;
}

}  // namespace mnist
