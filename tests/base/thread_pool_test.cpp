#include "base/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <new>
#include <thread>
#include <vector>

#include "base/available_cores.h"
#include "base/error.h"
#include "catch.h"

namespace mnist {
namespace {

TEST_CASE("base: a pool has as many workers as asked for, or one per core") {
  CHECK(ThreadPool(1).size() == 1);
  CHECK(ThreadPool(3).size() == 3);
  CHECK(ThreadPool(0).size() == available_cores());
}

TEST_CASE("base: a pool of one runs the task on the calling thread") {
  ThreadPool pool(1);
  std::thread::id thread;
  pool.run([&](Worker& worker) {
    CHECK(worker.index() == 0);
    CHECK(worker.count() == 1);
    worker.barrier();
    thread = std::this_thread::get_id();
  });
  CHECK(thread == std::this_thread::get_id());
}

TEST_CASE("base: each worker runs the task once, the caller as worker 0") {
  for (std::size_t threads : {2U, 3U, 8U}) {
    ThreadPool pool(threads);
    std::vector<int> runs(threads);
    std::vector<std::thread::id> ids(threads);
    pool.run([&](Worker& worker) {
      ++runs[worker.index()];
      ids[worker.index()] = std::this_thread::get_id();
    });
    CHECK(runs == std::vector<int>(threads, 1));
    CHECK(ids[0] == std::this_thread::get_id());
    std::sort(ids.begin(), ids.end());
    CHECK(std::unique(ids.begin(), ids.end()) == ids.end());
  }
}

TEST_CASE("base: many runs in a row all happen, also after the threads fell asleep") {
  ThreadPool pool(2);
  std::vector<std::size_t> runs(pool.size());
  const auto run_often = [&](std::size_t times) {
    for (std::size_t i = 0; i < times; ++i) {
      pool.run([&](Worker& worker) { ++runs[worker.index()]; });
    }
  };
  run_often(20'000);
  for (int nap = 0; nap < 20; ++nap) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    run_often(2);
  }
  CHECK(runs == std::vector<std::size_t>(pool.size(), 20'040));
}

TEST_CASE("base: nobody passes a barrier before all have come") {
  for (std::size_t threads : {2U, 3U, 5U}) {
    ThreadPool pool(threads);
    // Plain memory: what others wrote before the barrier must be seen behind it.
    std::vector<std::size_t> rounds(threads);
    std::atomic<std::size_t> early{0};
    pool.run([&](Worker& worker) {
      for (std::size_t round = 1; round <= 2'000; ++round) {
        rounds[worker.index()] = round;
        worker.barrier();
        for (std::size_t seen : rounds) early += seen != round;
        worker.barrier();
      }
    });
    CHECK(early == 0);
  }
}

TEST_CASE("base: a barrier waits for a worker that is late, longer than anyone spins") {
  ThreadPool pool(2);
  for (std::size_t late : {0U, 1U}) {
    bool came = false;
    bool seen = false;
    pool.run([&](Worker& worker) {
      if (worker.index() == late) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        came = true;
      }
      worker.barrier();
      if (worker.index() != late) seen = came;
    });
    CHECK(seen);
  }
}

TEST_CASE("base: who waits at a barrier does spare work meanwhile, each piece once") {
  for (std::size_t threads : {2U, 3U}) {
    ThreadPool pool(threads);
    constexpr std::size_t kPieces = 5;
    std::vector<std::size_t> done(kPieces);
    std::atomic<std::size_t> next{0};
    std::atomic<std::size_t> finished{0};
    auto spare = [&] {
      const std::size_t piece = next++;
      if (piece >= kPieces) return false;
      ++done[piece];
      ++finished;
      return true;
    };
    pool.run([&](Worker& worker) {
      worker.while_waiting(spare);
      // Worker 0 is so late that the others have time for all of it.
      while (worker.index() == 0 && finished < kPieces) std::this_thread::yield();
      worker.barrier();
    });
    CHECK(done == std::vector<std::size_t>(kPieces, 1));
    // It belongs to that task alone.
    next = 0;
    pool.run([](Worker& worker) { worker.barrier(); });
    CHECK(next == 0);
  }
}

TEST_CASE("base: what a task wrote is seen by the caller and by the next task") {
  ThreadPool pool(2);
  std::vector<std::size_t> values(1000);
  for (std::size_t run = 1; run <= 500; ++run) {
    // The parts change hands, so each worker builds on what the other wrote.
    pool.run([&](Worker& worker) {
      const std::size_t begin = (worker.index() + run) % 2 * 500;
      for (std::size_t i = begin; i < begin + 500; ++i) ++values[i];
    });
    REQUIRE(std::all_of(values.begin(), values.end(), [&](std::size_t v) { return v == run; }));
  }
}

TEST_CASE("base: shares are contiguous, in order, cover all and differ by at most a grain") {
  for (std::size_t threads : {1U, 2U, 3U, 7U}) {
    ThreadPool pool(threads);
    for (std::size_t n : {0U, 1U, 2U, 3U, 16U, 64U, 785U, 60'000U}) {
      for (std::size_t grain : {1U, 4U, 16U, 100'000U}) {
        std::vector<Range> shares(threads);
        std::vector<Range> reversed(threads);
        pool.run([&](Worker& worker) {
          shares[worker.index()] = worker.share(n, grain);
          reversed[threads - 1 - worker.index()] = worker.reverse_share(n, grain);
        });
        CHECK((reversed == shares));
        CAPTURE(threads, n, grain);
        std::size_t next = 0;
        std::size_t smallest = n;
        std::size_t largest = 0;
        for (const Range& share : shares) {
          CHECK(share.begin == next);
          CHECK(share.end >= share.begin);
          CHECK(share.begin % grain == 0);
          CHECK(share.empty() == (share.size() == 0));
          next = share.end;
          smallest = std::min(smallest, share.size());
          largest = std::max(largest, share.size());
        }
        CHECK(next == n);
        CHECK(largest - smallest <= grain);
      }
    }
  }
}

TEST_CASE("base: more threads than cores finish promptly") {
  ThreadPool pool(8);
  std::atomic<std::size_t> steps{0};
  const std::clock_t start = std::clock();
  for (int run = 0; run < 200; ++run) {
    pool.run([&](Worker& worker) {
      for (int round = 0; round < 5; ++round) {
        ++steps;
        worker.barrier();
      }
    });
  }
  const std::clock_t taken = std::clock() - start;
  CHECK(steps == 8 * 200 * 5);
  // 1,200 rounds. A pool that spins through its time slices takes more than ten seconds of the
  // processors; the time on the clock is longer where others are busy on them.
  CHECK(taken < 10 * CLOCKS_PER_SEC);
}

TEST_CASE("base: pools come and go, idle, asleep or at work") {
  for (int i = 0; i < 100; ++i) {
    ThreadPool idle(3);
  }
  for (int i = 0; i < 5; ++i) {
    ThreadPool asleep(2);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  std::atomic<int> runs{0};
  for (int i = 0; i < 100; ++i) {
    ThreadPool pool(2);
    pool.run([&](Worker&) { ++runs; });
  }
  CHECK(runs == 200);
}

TEST_CASE("base: what a worker throws comes to the caller, and the pool goes on") {
  struct Failure {
    std::size_t worker;
  };
  for (const std::size_t threads : {1U, 2U, 3U, 8U}) {
    ThreadPool pool(threads);
    for (std::size_t round = 0; round < 300; ++round) {
      const std::size_t failing = round % threads;
      const std::size_t barriers_before = round / threads % 3;
      std::atomic<std::size_t> passed{0};  // workers that came past the failure
      auto task = [&](Worker& worker) {
        for (std::size_t i = 0; i < barriers_before; ++i) worker.barrier();
        if (worker.index() == failing) throw Failure{failing};
        for (std::size_t i = 0; i < 3; ++i) worker.barrier();
        ++passed;
      };
      try {
        pool.run(task);
        FAIL("nothing was thrown");
      } catch (const Failure& failure) {
        CHECK(failure.worker == failing);
      }
      CHECK(passed == 0);
      std::atomic<std::size_t> done{0};
      pool.run([&](Worker& worker) {
        worker.barrier();
        ++done;
      });
      CHECK(done == threads);
    }
  }
}

TEST_CASE("base: spare work that throws while a worker waits ends the task") {
  ThreadPool pool(3);
  for (int round = 0; round < 100; ++round) {
    std::atomic<bool> waits{false};
    auto spare = [&]() -> bool {
      waits = true;
      throw std::bad_alloc();
    };
    CHECK_THROWS_AS(pool.run([&](Worker& worker) {
      if (worker.index() == 1) worker.while_waiting(spare);
      while (worker.index() != 1 && !waits) std::this_thread::yield();
      worker.barrier();
      worker.barrier();
    }),
                    std::bad_alloc);
  }
}

TEST_CASE("base: all workers may throw") {
  ThreadPool pool(4);
  for (int round = 0; round < 100; ++round) {
    CHECK_THROWS_AS(pool.run([](Worker&) { throw std::bad_alloc(); }), std::bad_alloc);
  }
}

}  // namespace
}  // namespace mnist
