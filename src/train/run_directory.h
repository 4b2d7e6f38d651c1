// The directory that a training run leaves behind: names and formats of its files.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_lock.h"
#include "base/growing_file.h"
#include "train/event_file.h"
#include "train/trainer.h"

namespace mnist {

namespace run_files {
inline constexpr const char* kConfig = "config.toml";
inline constexpr const char* kWeights = "weights.safetensors";
inline constexpr const char* kLoss = "loss.csv";
inline constexpr const char* kEpochs = "epochs.csv";
inline constexpr const char* kResult = "result.json";
inline constexpr const char* kCollapse = "collapse.json";
inline constexpr const char* kRungs = "rungs.csv";
inline constexpr const char* kCheckpoint = "checkpoint.safetensors";
inline constexpr const char* kPicture = "loss.png";
inline constexpr const char* kEvents = "events.out.tfevents.mnist";  // TensorBoard knows the start
inline constexpr const char* kLog = "train.log";
}  // namespace run_files

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

/// Whether the directory holds files of a run, finished or not.
bool holds_run(const std::filesystem::path& directory);

/// The directory as a run is called after it: without a trailing slash, and where a link leads.
std::filesystem::path run_path(const std::filesystem::path& directory);

/// "20240328T101530Z", the name of a run that started then.
std::string run_name(std::chrono::system_clock::time_point start);

class RunDirectory {
 public:
  /// Creates the directory and the file train.log in it, which claims it against other processes.
  /// An empty path means a new directory under `runs/` named after the UTC time. A directory that
  /// holds a run is refused with Error(kUsage) unless `overwrite` is set; then a complete run is
  /// moved to DIRECTORY.previous, in place of an older one, and an incomplete run is removed. What
  /// is no part of a run is never removed: its presence is an Error(kUsage). Throws Error(kFailure)
  /// where the directory cannot be written.
  RunDirectory(const std::filesystem::path& directory, bool overwrite);

  /// Opens the directory of a run that was interrupted, to go on with it. Throws Error(kUsage)
  /// where there is none, or where another process is at work on it.
  enum class Reopen { kInterrupted };
  RunDirectory(const std::filesystem::path& directory, Reopen);

  /// A run that join_run has locked by its log. It lies in `place` until finish(), collapse() or
  /// publish() moves it to `path`; the two may be the same. `fresh`: nothing was there before.
  RunDirectory(std::filesystem::path path, std::filesystem::path place, FileLock lock, bool fresh);

  /// Unless start() was called, undoes the construction: the directory that was there before is
  /// back, one that was not is gone.
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  /// What the run is called: where it lies, or will.
  const std::filesystem::path& path() const { return path_; }

  /// Its files, where they lie now.
  std::filesystem::path weights_path() const { return place_ / run_files::kWeights; }
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

  /// Training begins: the directory stays from now on. Starts the files of records, or cuts them
  /// back to what was recorded up to `step`.
  void start(std::size_t step = 0);
  bool started() const { return started_; }

  /// A row of loss.csv or epochs.csv, floats in the shortest form that reads back to the same bits.
  void record(const StepRecord& record);
  void record(const EpochRecord& record);
  /// For the event file alone.
  void record(const ValidationRecord& record);

  /// Everything recorded is in the files.
  void flush();

  /// What is recorded so far and the state of training, safely on disk.
  void save(const Checkpoint& checkpoint, std::uint64_t data_hash);

  /// Writes result.json, which marks the run as complete, removes the checkpoint, which is of no
  /// more use, and the run that this one replaced.
  void finish(const RunResult& result);

  /// Writes collapse.json, which marks the run as one that goes no further.
  void collapse(const RunCollapse& collapse);

  /// Moves the run to path() by one rename, unless it lies there.
  void publish();

  /// Where the run lies that this one was to replace, as long as there is one.
  const std::optional<std::filesystem::path>& previous() const { return previous_; }

 private:
  void create_by_time();
  void move_away(bool overwrite);
  void claim();
  void lock();
  void undo();

  std::filesystem::path path_;
  std::filesystem::path place_;  // where it lies, most often the same
  std::optional<std::filesystem::path> previous_;
  bool moved_ = false;    // the run in `previous_` was in `path_` before
  bool created_ = false;  // `path_` was not there
  bool claimed_ = false;  // its log is ours
  bool started_ = false;
  std::optional<FileLock> lock_;  // of the log, as long as this process is at work on the run
  std::optional<GrowingFile> loss_;
  std::optional<GrowingFile> epochs_;
  bool events_wanted_ = false;
  std::optional<EventFile> events_;
};

}  // namespace mnist
