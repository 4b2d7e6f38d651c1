// The directory that a training run leaves behind: how it comes to be, and the formats of its
// files.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_lock.h"
#include "base/growing_file.h"
#include "train/event_file.h"
#include "train/run_files.h"
#include "train/trainer.h"

namespace mnist {

/// What result.json holds, in its order.
struct RunResult {
  std::string run;     // the directory
  std::string layers;  // the whole stack
  std::size_t parameters = 0;
  std::uint64_t seed = 0;
  std::size_t threads = 0;
  std::size_t steps = 0;
  double epochs = 0;
  std::optional<std::uint64_t> kept_epoch;
  double load_seconds = 0;
  double train_seconds = 0;
  double samples_per_second = 0;
  double train_loss = 0;
  std::optional<double> validation_loss;
  std::optional<double> validation_accuracy;
  std::optional<double> test_accuracy;
  std::optional<double> test_error;
  std::optional<double> test_loss;
};

nlohmann::ordered_json to_json(const RunResult& result);

/// What collapse.json holds: where and why training of a network that did not learn ended.
struct RunCollapse {
  std::size_t step = 0;
  double seconds = 0;
  std::string message;
};

nlohmann::ordered_json to_json(const RunCollapse& collapse);

/// "20240328T101530Z", the name of a run that started then.
std::string run_name(std::chrono::system_clock::time_point start);

/// How much of a run its checkpoint counts on, where it is continued.
struct RecordedSteps {
  std::size_t steps = 0;
  std::size_t loss_rows = 0;   // of loss.csv
  std::size_t epoch_rows = 0;  // of epochs.csv
};

/// The directory of a run that this process owns: it holds the run's lock.
class RunDirectory {
 public:
  /// A new run in `directory`, which may be there already, but holds no run: else Error(kUsage).
  /// Throws Error(kFailure) where the directory cannot be written.
  static std::unique_ptr<RunDirectory> create(const std::filesystem::path& directory);

  /// A new directory under `runs/` named after the UTC time.
  static std::unique_ptr<RunDirectory> create_by_time();

  /// A new run in place of the one that `directory` holds, if it does. It lies hidden beside that
  /// one until start(); then the old run becomes DIRECTORY.previous, where it stays until the new
  /// one is complete. Only a complete run takes the place of a complete one there. Throws
  /// Error(kUsage) where another process is at work on the old run, or where the directory holds
  /// anything else, which is never removed.
  static std::unique_ptr<RunDirectory> replace(const std::filesystem::path& directory);

  /// The run in `directory`, to continue it. Throws Error(kBadInput) where there is none,
  /// Error(kUsage) where another process is at work on it.
  static std::unique_ptr<RunDirectory> reopen(const std::filesystem::path& directory);

  /// A run that join_run has locked. It lies in `place` until finish(), collapse() or publish()
  /// moves it to `path`; the two may be the same. `fresh`: nothing was there before.
  static std::unique_ptr<RunDirectory> adopt(std::filesystem::path path,
                                             std::filesystem::path place, FileLock lock,
                                             bool fresh);

  /// Unless start() was called, nothing stays of a new run.
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  /// What the run is called: where it lies, or will.
  const std::filesystem::path& path() const { return path_; }

  /// Its files, where they lie now.
  std::filesystem::path weights_path() const { return place_ / run_files::kWeights; }
  std::filesystem::path optimizer_path() const { return place_ / run_files::kOptimizer; }
  std::filesystem::path log_path() const { return place_ / run_files::kLog; }
  std::filesystem::path config_path() const { return place_ / run_files::kConfig; }
  std::filesystem::path checkpoint_path() const { return place_ / run_files::kCheckpoint; }
  std::filesystem::path result_path() const { return place_ / run_files::kResult; }
  std::filesystem::path collapse_path() const { return place_ / run_files::kCollapse; }
  std::filesystem::path rungs_path() const { return place_ / run_files::kRungs; }

  /// Writes config.toml.
  void write_config(std::string_view text);

  /// What is recorded goes into an event file for TensorBoard as well, as it also does in a run
  /// that has one already. To be called before start().
  void record_events() { events_wanted_ = true; }

  /// The settings and the data were accepted: the directory takes its place and stays from now on.
  /// Starts the files of records, or cuts them back to what was recorded up to a step. Returns what
  /// is missing there, a sentence for each file, as after a power failure under an older version.
  std::vector<std::string> start(const RecordedSteps& before = {});
  bool started() const { return state_ == State::kStarted; }

  /// A row of loss.csv or epochs.csv, floats in the shortest form that reads back to the same bits.
  void record(const StepRecord& record);
  void record(const EpochRecord& record);
  /// For the event file alone.
  void record(const ValidationRecord& record);

  /// Everything recorded is in the files.
  void flush();

  /// The same, and survives a power failure.
  void sync();

  /// What is recorded so far, then the state of training that counts on it, safely on disk.
  void save(const Checkpoint& checkpoint, std::uint64_t data_hash);

  /// Writes result.json, which marks the run as complete, removes the checkpoint, which is of no
  /// more use, and the run that this one replaced.
  void finish(const RunResult& result);

  /// Writes collapse.json, which marks the run as one that goes no further.
  void collapse(const RunCollapse& collapse);

  /// Moves the run to path() by one rename, unless it lies there.
  void publish();

  /// Where the run lies that this one replaces, or an earlier one that was not completed, once it
  /// has started; none after finish().
  const std::optional<std::filesystem::path>& previous() const { return previous_; }

 private:
  /// What is to become of the directory where training does not start.
  enum class State {
    kFound,    // it holds a run: it stays
    kClaimed,  // it held no run: its other files stay
    kCreated,  // it goes
    kStarted,
  };

  RunDirectory(std::filesystem::path path, std::filesystem::path place, FileLock lock, State state);
  static std::unique_ptr<RunDirectory> claim(std::filesystem::path path,
                                             std::filesystem::path place, State state);
  void take_place();

  std::filesystem::path path_;
  std::filesystem::path place_;  // where it lies, most often the same
  FileLock lock_;
  State state_;
  std::optional<FileLock> replaced_;  // of the run in `path_`, until this one takes its place
  std::optional<std::filesystem::path> previous_;
  std::optional<GrowingFile> loss_;
  std::optional<GrowingFile> epochs_;
  bool events_wanted_ = false;
  std::optional<EventFile> events_;
};

}  // namespace mnist
