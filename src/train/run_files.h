// The files of a run's directory, and who may touch them: a process that writes into the directory
// of a run, moves it or removes it holds the run's lock, which is on its train.log.
#pragma once

#include <filesystem>
#include <optional>

#include "base/file_lock.h"

namespace mnist {

namespace run_files {
inline constexpr const char* kConfig = "config.toml";
inline constexpr const char* kWeights = "weights.safetensors";
inline constexpr const char* kOptimizer = "optimizer.safetensors";
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

/// Whether the directory holds files of a run, finished or not.
bool holds_run(const std::filesystem::path& directory);

/// The directory as a run is called after it: without a trailing slash, and where a link leads.
/// Throws Error(kUsage) for a name that is no UTF-8 or holds control characters, or is empty, and
/// Error(kFailure) for a link that leads nowhere.
std::filesystem::path run_path(const std::filesystem::path& directory);

/// Where the run `directory` lies while join_run() has it trained: hidden beside it. It takes its
/// place by one rename once it is complete, has collapsed or is given up.
std::filesystem::path place_of_work(const std::filesystem::path& directory);

/// The first entry of a directory that no run has left there, if any. What a killed process left of
/// a file that it was writing belongs to the run.
std::optional<std::filesystem::path> foreign_entry(const std::filesystem::path& directory);

/// Locks the run in `directory`. Throws Error(kUsage) where another process is at work on it. Goes
/// on without a lock on a file system that keeps none.
FileLock lock_run(const std::filesystem::path& directory);

/// Removes what killed processes left of files that they were writing. The caller holds the lock.
void remove_leftovers(const std::filesystem::path& directory);

/// Removes the files of a run, and the directory too unless it holds anything else. The caller
/// holds the lock. Says nothing of failures.
void remove_run_files(const std::filesystem::path& directory, bool directory_too);

/// Removes a directory that holds nothing but a run that nobody works on, if it is there. Throws
/// Error(kUsage) where it holds anything else, and as lock_run.
void remove_run(const std::filesystem::path& directory);

/// Throws Error(kUsage) where the directory is there and is more than a run's.
void refuse_to_lose_others(const std::filesystem::path& directory);

}  // namespace mnist
