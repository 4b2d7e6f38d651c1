#include "sweep/sweep_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

#include "base/error.h"
#include "base/thread_pool.h"
#include "train/config_file.h"
#include "train/shared_run.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kProgressEvery{200};
constexpr std::chrono::milliseconds kLookAgainAfter{50};  // polls a run of another process

// One run, to be trained from one rung to the next.
struct Task {
  std::size_t trial = 0;
  std::size_t repetition = 0;
  std::size_t from = 0;  // the step at which the previous rung paused
  std::size_t to = 0;    // the last step
};

// Counts of steps over all threads.
struct Steps {
  std::atomic<std::size_t> done{0};  // by any process
  std::atomic<std::size_t> made{0};  // by this process
};

// Validates a run at its rungs, pauses it at the end of the task, and counts its steps.
class TaskObserver : public RunObserver {
 public:
  TaskObserver(const Task& task, std::vector<std::size_t> pauses, const RunDirectory& run,
               RunObserver& observer, Steps& steps, std::function<bool()> stopping)
      : task_(task),
        pauses_(std::move(pauses)),
        run_(run),
        rungs_(read_rungs(run.rungs_path())),
        observer_(observer),
        steps_(steps),
        stopping_(std::move(stopping)) {}

  void on_start(const RunStart& start) override {
    std::erase_if(rungs_, [&](const auto& rung) { return rung.step > start.first_step; });
    if (start.first_step > task_.from) count(start.first_step - task_.from);
    observer_.on_start(start);
  }
  void on_step(const StepRecord& record) override {
    step_ = record.step;
    if (step_ > task_.from) count(1);
    ++steps_.made;
    observer_.on_step(record);
  }
  void on_epoch(const EpochRecord& record) override { observer_.on_epoch(record); }

  // Only at rungs: validation after each epoch would cost a tenth of the time.
  bool wants_validation(std::size_t step, bool /*epoch_ends*/) override {
    return std::find(pauses_.begin(), pauses_.end(), step) != pauses_.end();
  }
  void on_validation(const ValidationRecord& record) override {
    if (!wants_validation(record.step, false)) return;
    rungs_.push_back(record);
    write_rungs(run_.rungs_path(), rungs_);
  }
  bool wants_to_stop() override { return step_ == task_.to || stopping_(); }

  // The steps of the task that were added to Steps::done.
  std::size_t counted() const { return counted_; }

 private:
  void count(std::size_t steps) {
    counted_ += steps;
    steps_.done += steps;
  }

  const Task& task_;
  std::vector<std::size_t> pauses_;
  const RunDirectory& run_;
  std::vector<ValidationRecord> rungs_;
  RunObserver& observer_;
  Steps& steps_;
  std::function<bool()> stopping_;
  std::size_t step_ = 0;
  std::size_t counted_ = 0;
};

// Thrown by a worker that ends for lack of memory and leaves its work to the others.
struct FewerWorkers {};

class Runner {
 public:
  Runner(const SweepPlan& plan, const RunData& data, std::size_t jobs, SweepObserver& observer)
      : plan_(plan), data_(data), jobs_(jobs), observer_(observer) {
    for (const Trial& trial : plan.trials) {
      lengths_.push_back(total_steps(trial.settings, data.training().rows()));
    }
    over_.assign(plan.trials.size(), false);
    records_.assign(plan.trials.size(), std::vector<RunRecord>(plan.seeds));
  }

  bool run() {
    std::vector<std::size_t> trials;
    for (std::size_t i = plan_.shard.index; i < plan_.trials.size(); i += plan_.shard.count) {
      trials.push_back(i);
    }
    progress_.trials = trials.size();
    for (std::size_t rung = 0; rung < plan_.rungs.size(); ++rung) {
      run_rung(trials, rung);
      if (stopping()) return false;
      if (rung + 1 < plan_.rungs.size()) give_up_worse(trials, rung);
      if (stopping()) return false;  // give_up_worse() may have waited for another process
    }
    tell_progress();
    return true;
  }

 private:
  std::size_t target(std::size_t trial, std::size_t rung) const {
    return plan_.rungs[rung].pause(lengths_[trial]);
  }

  // The steps at which a trial may pause, without its last one.
  std::vector<std::size_t> pauses(std::size_t trial) const {
    std::vector<std::size_t> pauses;
    for (std::size_t rung = 0; rung < plan_.rungs.size(); ++rung) {
      if (target(trial, rung) < lengths_[trial]) pauses.push_back(target(trial, rung));
    }
    return pauses;
  }

  void run_rung(const std::vector<std::size_t>& trials, std::size_t rung) {
    progress_.best = nullptr;
    std::size_t steps = steps_.done;
    for (const std::size_t trial : trials) {
      const std::size_t from = rung == 0 ? 0 : target(trial, rung - 1);
      for (std::size_t k = 0; k < plan_.seeds; ++k) {
        pending_.push_back({trial, k, from, target(trial, rung)});
        steps += pending_.back().to - from;
      }
    }
    progress_.steps = static_cast<double>(steps) + steps_after(trials, rung);
    measured_.assign(plan_.trials.size(), 0);
    const std::vector<std::jthread> workers = start_workers(std::min(jobs_, pending_.size()));
    std::unique_lock lock(mutex_);
    while (working_ > 0) {
      idle_.wait_for(lock, kProgressEvery);
      lock.unlock();
      tell_progress();
      lock.lock();
    }
    if (error_) std::rethrow_exception(error_);
  }

  // Starts `count` workers. If the system cannot start all, half of those started end at once and
  // leave their memory to the others; at least one stays.
  std::vector<std::jthread> start_workers(std::size_t count) {
    std::vector<std::jthread> workers;
    places_ = count;
    open_ = false;
    try {
      for (std::size_t i = 0; i < count; ++i) workers.emplace_back([this, i] { work(i); });
    } catch (const std::exception&) {
      if (workers.empty()) throw Error(ExitCode::kFailure, "cannot start a thread; ask for fewer");
      set_places(std::max<std::size_t>(1, workers.size() / 2));
      workers.resize(places_);  // joins the removed threads
    }
    const std::lock_guard lock(mutex_);
    working_ = workers.size();
    open_ = true;
    gate_.notify_all();
    return workers;
  }

  void set_places(std::size_t places) {
    const std::lock_guard lock(mutex_);
    places_ = places;
    gate_.notify_all();
  }

  // Waits for the start. Returns false if this worker should end at once.
  bool may_begin(std::size_t worker) {
    std::unique_lock lock(mutex_);
    gate_.wait(lock, [&] { return open_ || worker >= places_; });
    return worker < places_;
  }

  // The estimated steps of the rungs after this one; exact if all trials have the same length.
  double steps_after(const std::vector<std::size_t>& trials, std::size_t rung) const {
    double sum = 0;
    for (std::size_t next = rung + 1; next < plan_.rungs.size() && !trials.empty(); ++next) {
      const auto count = static_cast<double>(plan_.rungs[next].trials * plan_.seeds);
      sum += count * static_cast<double>(target(trials[0], next) - target(trials[0], next - 1));
    }
    return sum;
  }

  // The main loop of a worker thread.
  void work(std::size_t worker) noexcept {
    if (!may_begin(worker)) return;
    try {
      while (const std::optional<Task> task = next_task()) {
        if (try_task(*task)) continue;
        std::this_thread::sleep_for(kLookAgainAfter);
        const std::lock_guard lock(mutex_);
        pending_.push_back(*task);
      }
    } catch (const FewerWorkers&) {
      // the other workers do its tasks
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failed_ = true;
      if (!error_) error_ = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    --working_;
    idle_.notify_one();
  }

  std::optional<Task> next_task() {
    const std::lock_guard lock(mutex_);
    if (stopping() || pending_.empty()) return std::nullopt;
    const Task task = pending_.front();
    pending_.pop_front();
    return task;
  }

  // Calls do_task(). If memory does not suffice for all workers, this worker ends.
  bool try_task(const Task& task) {
    try {
      return do_task(task);
    } catch (const std::bad_alloc&) {
      const std::lock_guard lock(mutex_);
      if (working_ == 1) throw;
      pending_.push_back(task);
      throw FewerWorkers();
    }
  }

  // Returns false if another process works on the run.
  bool do_task(const Task& task) {
    const Trial& trial = plan_.trials[task.trial];
    const fs::path directory = run_directory(plan_.directory, trial, task.repetition);
    RunRecord record = read_run(directory);
    std::size_t counted = 0;
    if (!record.done(task.to)) {
      const TrainSettings settings = run_settings(trial, task.repetition);
      const JoinedRun joined = join_run(directory, settings_toml(settings), IfBusy::kReturn);
      if (joined.state == JoinedRun::State::kBusy) return false;
      record = read_run(directory);  // another process may have continued it meanwhile
      if (!record.done(task.to)) {
        counted = train(task, settings, *joined.run);
        record = read_run(directory);
      }
    }
    if (!record.done(task.to)) return true;  // the observer stopped the sweep
    steps_.done += task.to - task.from - counted;
    note(task, record);
    return true;
  }

  // Trains a run. Returns the steps that were added to Steps::done.
  std::size_t train(const Task& task, const TrainSettings& settings, RunDirectory& run) {
    if (plan_.events) run.record_events();
    const auto told = observer_.observe(run, settings);
    TaskObserver observer(task, pauses(task.trial), run, *told, steps_,
                          [this] { return stopping(); });
    ThreadPool pool(settings.threads);
    try {
      run_training(run, settings, data_, pool, observer);
    } catch (const Error& error) {
      told->on_failure(error.what());
      if (error.code() != ExitCode::kDiverged) throw;
    }
    return observer.counted();
  }

  void note(const Task& task, const RunRecord& record) {
    const std::lock_guard lock(mutex_);
    records_[task.trial][task.repetition] = record;
    if (++measured_[task.trial] < plan_.seeds) return;
    const bool collapsed = has_collapsed(task.trial);
    if (collapsed || task.to == lengths_[task.trial]) set_over(task.trial);
    if (collapsed) {
      ++progress_.collapsed;
      return;
    }
    const double mean = mean_at(task.trial, task.to);
    const bool best = progress_.best == nullptr || better(plan_.metric, mean, progress_.best_mean);
    if (!best) return;
    progress_.best = &plan_.trials[task.trial];
    progress_.best_mean = mean;
  }

  void set_over(std::size_t trial) {
    if (!over_[trial]) ++progress_.done;
    over_[trial] = true;
  }

  bool stopping() { return failed_ || observer_.wants_to_stop(); }

  bool has_collapsed(std::size_t trial) const {
    return std::any_of(records_[trial].begin(), records_[trial].end(),
                       [](const RunRecord& record) { return record.collapsed; });
  }

  double mean_at(std::size_t trial, std::size_t step) const {
    std::vector<const ValidationRecord*> figures;
    for (const RunRecord& record : records_[trial]) figures.push_back(record.at(step));
    return score(plan_.metric, figures).mean;
  }

  // Reduces `trials` to those for the next rung.
  void give_up_worse(std::vector<std::size_t>& trials, std::size_t rung) {
    std::vector<std::pair<double, std::size_t>> measured;
    for (const std::size_t trial : trials) {
      if (has_collapsed(trial)) {
        give_up(trial);
      } else {
        measured.emplace_back(mean_at(trial, target(trial, rung)), trial);
      }
    }
    std::stable_sort(measured.begin(), measured.end(), [&](const auto& a, const auto& b) {
      return better(plan_.metric, a.first, b.first);
    });
    trials.clear();
    for (const auto& [mean, trial] : measured) {
      if (trials.size() < plan_.rungs[rung + 1].trials) {
        trials.push_back(trial);
      } else {
        give_up(trial);
        set_over(trial);
      }
    }
    std::sort(trials.begin(), trials.end());
  }

  // Ends a trial early: moves its runs to their final directories.
  void give_up(std::size_t trial) {
    for (std::size_t k = 0; k < plan_.seeds; ++k) {
      const fs::path directory = run_directory(plan_.directory, plan_.trials[trial], k);
      if (fs::exists(directory)) continue;
      const std::string config = settings_toml(run_settings(plan_.trials[trial], k));
      JoinedRun joined = join_run(directory, config, IfBusy::kReturn);
      while (joined.state == JoinedRun::State::kBusy && !stopping()) {
        std::this_thread::sleep_for(kLookAgainAfter);
        joined = join_run(directory, config, IfBusy::kReturn);
      }
      if (joined.state == JoinedRun::State::kOurs) joined.run->publish();
    }
  }

  void tell_progress() {
    SweepProgress progress;
    {
      const std::lock_guard lock(mutex_);
      progress = progress_;
    }
    progress.steps_done = static_cast<double>(steps_.done);
    progress.steps_made = static_cast<double>(steps_.made);
    observer_.on_progress(progress);
  }

  const SweepPlan& plan_;
  const RunData& data_;
  const std::size_t jobs_;
  SweepObserver& observer_;
  std::vector<std::size_t> lengths_;  // of each trial: its full number of steps
  Steps steps_;
  std::atomic<bool> failed_{false};

  std::mutex mutex_;  // guards all members below while workers run
  std::condition_variable idle_;
  std::size_t working_ = 0;
  std::condition_variable gate_;
  bool open_ = false;       // whether workers may begin
  std::size_t places_ = 0;  // workers with this number or a higher one end at once
  std::deque<Task> pending_;
  std::vector<std::vector<RunRecord>> records_;  // of each trial and repetition
  std::vector<std::size_t> measured_;            // of each trial: finished runs in this rung
  std::vector<bool> over_;                       // of each trial: whether it has ended
  SweepProgress progress_;
  std::exception_ptr error_;
};

}  // namespace

bool run_sweep(const SweepPlan& plan, const RunData& data, std::size_t jobs,
               SweepObserver& observer) {
  return Runner(plan, data, jobs, observer).run();
}

}  // namespace mnist
