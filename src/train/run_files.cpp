#include "train/run_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <system_error>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/text.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 12> kRunFiles = {
    run_files::kConfig, run_files::kWeights,    run_files::kLoss,   run_files::kEpochs,
    run_files::kResult, run_files::kCheckpoint, run_files::kLog,    run_files::kCollapse,
    run_files::kRungs,  run_files::kPicture,    run_files::kEvents, run_files::kOptimizer};

bool is_run_file(std::string_view name) {
  return std::find(kRunFiles.begin(), kRunFiles.end(), name) != kRunFiles.end();
}

bool is_leftover(const fs::directory_entry& entry) {
  return is_run_file(target_of_temporary(entry.path().filename().string()));
}

}  // namespace

bool holds_run(const fs::path& directory) {
  return std::any_of(kRunFiles.begin(), kRunFiles.end(), [&](std::string_view file) {
    std::error_code ignored;
    return fs::exists(directory / file, ignored);
  });
}

fs::path run_path(const fs::path& directory) {
  check_name("the run's directory", directory.string());
  if (directory.empty()) {
    refuse("the run's directory has an empty name");
  }
  fs::path path = directory.lexically_normal();
  if (!path.has_filename() && path.has_relative_path()) path = path.parent_path();
  std::error_code error;
  if (!fs::is_symlink(path, error)) return path;
  fs::path target = fs::canonical(path, error);
  if (error) {
    throw Error(ExitCode::kFailure, fmt::format("cannot write to {}, a symbolic link: {}",
                                                path.string(), error.message()));
  }
  return target;
}

fs::path place_of_work(const fs::path& directory) {
  return directory.parent_path() / fmt::format(".{}", directory.filename().string());
}

std::optional<fs::path> foreign_entry(const fs::path& directory) {
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    const bool ours = is_run_file(entry.path().filename().string()) || is_leftover(entry);
    if (!ours || entry.is_directory()) return entry.path();
  }
  return std::nullopt;
}

FileLock lock_run(const fs::path& directory) {
  for (;;) {
    FileLock lock(directory / run_files::kLog);
    if (!lock.opened()) {
      throw Error(ExitCode::kFailure,
                  fmt::format("cannot write to {}: it is gone", directory.string()));
    }
    if (!lock.acquire(IfBusy::kReturn, WithoutLocks::kGoOn)) {
      refuse(fmt::format(
          "another process is at work on the run in {}; wait for it, or choose another directory",
          directory.string()));
    }
    if (lock.in_place()) return lock;  // else another run has replaced this one meanwhile
  }
}

void remove_leftovers(const fs::path& directory) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored)) {
    if (is_leftover(entry)) fs::remove(entry.path(), ignored);
  }
}

void remove_run_files(const fs::path& directory, bool directory_too) {
  std::error_code ignored;
  remove_leftovers(directory);
  for (const std::string_view file : kRunFiles) fs::remove(directory / file, ignored);
  if (directory_too) fs::remove(directory, ignored);  // fails if other files are in it
}

void refuse_to_lose_others(const fs::path& directory) {
  if (!fs::exists(fs::symlink_status(directory))) return;
  const std::optional<fs::path> other =
      fs::is_directory(directory) ? foreign_entry(directory) : directory;
  if (!other) return;
  refuse(fmt::format(
      "{} is no part of a run and would be lost; move it, or choose another directory for the run",
      other->string()));
}

void remove_run(const fs::path& directory) {
  refuse_to_lose_others(directory);
  if (!fs::exists(directory)) return;
  const FileLock lock = lock_run(directory);
  remove_run_files(directory, /*directory_too=*/true);
}

}  // namespace mnist
