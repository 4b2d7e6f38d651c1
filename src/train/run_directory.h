// The directory of a training run: its creation, and the formats of its files.
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

/// The contents of result.json, in its order.
struct RunResult {
  std::string run;     // the directory
  std::string layers;  // the complete layer list
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

/// The contents of collapse.json: where and why training failed.
struct RunCollapse {
  std::size_t step = 0;
  double seconds = 0;
  std::string message;
};

nlohmann::ordered_json to_json(const RunCollapse& collapse);

/// The name of a run that starts at this time: "20240328T101530Z".
std::string run_name(std::chrono::system_clock::time_point start);

/// The steps and rows that a run had recorded at its checkpoint.
struct RecordedSteps {
  std::size_t steps = 0;
  std::size_t loss_rows = 0;   // in loss.csv
  std::size_t epoch_rows = 0;  // in epochs.csv
};

/// The directory of a run that this process owns, that is, whose lock it holds.
class RunDirectory {
 public:
  /// A new run in `directory`. The directory may exist, but throws Error(kUsage) if it holds a run.
  /// Throws Error(kFailure) if the directory cannot be written.
  static std::unique_ptr<RunDirectory> create(const std::filesystem::path& directory);

  /// A new directory under `runs/` named after the UTC time.
  static std::unique_ptr<RunDirectory> create_by_time();

  /// A new run that replaces the one in `directory`, if there is one. Until start() the new run is
  /// in a hidden directory beside it. Then the old run moves to DIRECTORY.previous and stays there
  /// until the new run is complete. A complete run in DIRECTORY.previous is only replaced by
  /// another complete one. Throws Error(kUsage) if another process works on the old run, or if the
  /// directory contains foreign files, which are never removed.
  static std::unique_ptr<RunDirectory> replace(const std::filesystem::path& directory);

  /// Opens the run in `directory` to continue it. Throws Error(kBadInput) if there is none,
  /// Error(kUsage) if another process works on it.
  static std::unique_ptr<RunDirectory> reopen(const std::filesystem::path& directory);

  /// Takes over a run that join_run() has locked. It is in `place` until finish(), collapse() or
  /// publish() moves it to `path`; the two may be equal. `fresh`: the run is new.
  static std::unique_ptr<RunDirectory> adopt(std::filesystem::path path,
                                             std::filesystem::path place, FileLock lock,
                                             bool fresh);

  /// Removes the files of a new run if start() was never called.
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  /// The run's final directory, which is also its name.
  const std::filesystem::path& path() const { return path_; }

  /// Its files at their current place.
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

  /// Writes an event file for TensorBoard as well; a run that already has one continues it anyway.
  /// Call it before start().
  void record_events() { events_wanted_ = true; }

  /// Call it once the settings and the data are accepted: from now on the directory stays, at its
  /// final place if it replaces a run. Creates the files of records, or truncates them after
  /// `before.steps`. Returns a sentence for each file that lacks rows, as after a power failure
  /// with an older version.
  std::vector<std::string> start(const RecordedSteps& before = {});
  bool started() const { return state_ == State::kStarted; }

  /// Adds a row to loss.csv or epochs.csv, floats in the shortest form that reads back to the same
  /// bits.
  void record(const StepRecord& record);
  void record(const EpochRecord& record);
  /// Adds to the event file only.
  void record(const ValidationRecord& record);

  /// Writes all records to the files.
  void flush();

  /// The same, and syncs the files to disk.
  void sync();

  /// Syncs the records, then writes the checkpoint, which relies on them.
  void save(const Checkpoint& checkpoint, std::uint64_t data_hash);

  /// Writes result.json, which marks the run as complete; removes the checkpoint and the replaced
  /// run.
  void finish(const RunResult& result);

  /// Writes collapse.json, which marks the run as failed for good.
  void collapse(const RunCollapse& collapse);

  /// Moves the run to path() by one rename, unless it is there already.
  void publish();

  /// DIRECTORY.previous, with the replaced run or an earlier one; empty before start() and after
  /// finish().
  const std::optional<std::filesystem::path>& previous() const { return previous_; }

 private:
  /// What the destructor removes.
  enum class State {
    kFound,    // a run of an earlier process: nothing
    kClaimed,  // a new run in an existing directory: the run's files
    kCreated,  // a new run in a new directory: the directory
    kStarted,  // nothing
  };

  RunDirectory(std::filesystem::path path, std::filesystem::path place, FileLock lock, State state);
  static std::unique_ptr<RunDirectory> claim(std::filesystem::path path,
                                             std::filesystem::path place, State state);
  void take_place();

  std::filesystem::path path_;
  std::filesystem::path place_;  // its current directory, most often the same
  FileLock lock_;
  State state_;
  std::optional<FileLock> replaced_;  // the lock of the run that this one replaces
  std::optional<std::filesystem::path> previous_;
  std::optional<GrowingFile> loss_;
  std::optional<GrowingFile> epochs_;
  bool events_wanted_ = false;
  std::optional<EventFile> events_;
};

}  // namespace mnist
