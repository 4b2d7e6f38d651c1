// The files in a run's directory, and the run's lock. A process that writes into the directory,
// moves it or removes it must hold the lock, which is a lock on train.log.
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
inline constexpr const char* kEvents =
    "events.out.tfevents.mnist";  // TensorBoard looks for this prefix
inline constexpr const char* kLog = "train.log";
}  // namespace run_files

/// Whether the directory contains files of a run, finished or not.
bool holds_run(const std::filesystem::path& directory);

/// The normal form of a run's directory: without a trailing slash, symbolic links resolved. Throws
/// Error(kUsage) for a name that is empty, not UTF-8 or contains control characters, and
/// Error(kFailure) for a dangling link.
std::filesystem::path run_path(const std::filesystem::path& directory);

/// The hidden directory beside `directory` where a run from join_run() is trained. One rename moves
/// it to `directory` when it is complete, has collapsed or is given up.
std::filesystem::path place_of_work(const std::filesystem::path& directory);

/// The first entry of a directory that is not a run's, if any. Temporary files of killed processes
/// count as a run's.
std::optional<std::filesystem::path> foreign_entry(const std::filesystem::path& directory);

/// Locks the run in `directory`. Throws Error(kUsage) if another process works on it. On a file
/// system without locks it continues without one.
FileLock lock_run(const std::filesystem::path& directory);

/// Removes temporary files of killed processes. The caller holds the lock.
void remove_leftovers(const std::filesystem::path& directory);

/// Removes the files of a run, and with `directory_too` the directory if it is empty then. The
/// caller holds the lock. Ignores errors.
void remove_run_files(const std::filesystem::path& directory, bool directory_too);

/// Removes a run and its directory, if it exists. Throws Error(kUsage) if the directory contains
/// foreign files, and the errors of lock_run.
void remove_run(const std::filesystem::path& directory);

/// Throws Error(kUsage) if the directory exists and contains foreign files.
void refuse_to_lose_others(const std::filesystem::path& directory);

}  // namespace mnist
