#include "base/thread_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <system_error>
#include <thread>
#include <vector>

#include "base/available_cores.h"
#include "base/error.h"

namespace mnist {
namespace {

// How long a thread waits at full attention before it sleeps: about what waking it up would cost,
// so that waiting never takes much more than twice the better choice of the two.
constexpr std::chrono::microseconds kSpinTime{50};
constexpr int kPausesPerClockReading = 64;

// What two threads write by turns lies on cache lines of its own; two, as lines are fetched in
// pairs.
constexpr std::size_t kSeparateLines = 128;

/// Tells the processor that this is a spinning loop.
void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  asm volatile("yield");
#endif
}

/// Returns once done(word) holds; whoever makes it hold notifies `word`.
template <class Done>
void wait_until(const std::atomic<std::uint32_t>& word, bool spin, Done done) {
  if (spin) {
    using Clock = std::chrono::steady_clock;
    Clock::time_point deadline = Clock::time_point::max();
    do {
      for (int i = 0; i < kPausesPerClockReading; ++i) {
        if (done(word.load(std::memory_order_acquire))) return;
        pause();
      }
      if (deadline == Clock::time_point::max()) deadline = Clock::now() + kSpinTime;
    } while (Clock::now() < deadline);
  }
  for (;;) {
    const std::uint32_t seen = word.load(std::memory_order_acquire);
    if (done(seen)) return;
    word.wait(seen, std::memory_order_acquire);
  }
}

}  // namespace

/// What the threads of a pool share. The counters wrap around, so they are compared by difference.
struct ThreadPool::State {
  State(ThreadPool* pool, std::size_t count)
      : spin(count <= available_cores()), caller(pool, 0, count) {}

  ~State() {
    task = nullptr;
    publish();
    for (std::thread& thread : threads) thread.join();
  }

  /// Makes task and context, written before, known to the threads.
  void publish() {
    ++tasks;
    tasks.notify_all();
  }

  /// Counts one worker in; the last of a round lets the others go.
  void arrive(Worker& worker) {
    worker.awaited_arrivals_ += static_cast<std::uint32_t>(worker.count_);
    if (++arrivals == worker.awaited_arrivals_) arrivals.notify_all();
  }

  void await_arrivals(const Worker& worker) {
    wait_until(arrivals, spin, [target = worker.awaited_arrivals_](std::uint32_t count) {
      return static_cast<std::int32_t>(count - target) >= 0;
    });
  }

  /// The life of a thread: each task in turn, until there is none. noexcept, as a task that throws
  /// leaves the others waiting for it.
  void work(Worker worker) noexcept {
    for (std::uint32_t done = 0;; ++done) {
      wait_until(tasks, spin, [done](std::uint32_t count) { return count != done; });
      if (task == nullptr) return;
      task(context, worker);
      arrive(worker);
    }
  }

  const bool spin;  // false where threads outnumber cores: they would take them from each other
  Worker caller;
  std::vector<std::thread> threads;

  alignas(kSeparateLines) std::atomic<std::uint32_t> tasks{0};  // published so far
  void (*task)(void*, Worker&) = nullptr;
  void* context = nullptr;

  // Workers that came to a barrier or to the end of a task, over the pool's life. Each round takes
  // all of them, so it ends when the count has grown by that many.
  alignas(kSeparateLines) std::atomic<std::uint32_t> arrivals{0};
};

void Worker::barrier() {
  if (count_ == 1) return;
  pool_->state_->arrive(*this);
  pool_->state_->await_arrivals(*this);
}

Range Worker::share(std::size_t n, std::size_t grain) const {
  const std::size_t grains = n / grain + (n % grain != 0);
  const std::size_t each = grains / count_;
  // The last workers take one grain more, as the very last grain may be short.
  const std::size_t first_larger = count_ - grains % count_;
  const auto part_begin = [&](std::size_t part) {
    const std::size_t larger_before = part > first_larger ? part - first_larger : 0;
    return std::min(n, (part * each + larger_before) * grain);
  };
  return {part_begin(index_), part_begin(index_ + 1)};
}

ThreadPool::ThreadPool(std::size_t threads) {
  const std::size_t count = threads == 0 ? available_cores() : threads;
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

void ThreadPool::run_erased(void (*task)(void*, Worker&), void* context) noexcept {
  State& state = *state_;
  if (size() == 1) {
    task(context, state.caller);
    return;
  }
  state.task = task;
  state.context = context;
  state.publish();
  task(context, state.caller);
  state.arrive(state.caller);
  state.await_arrivals(state.caller);
}

}  // namespace mnist
