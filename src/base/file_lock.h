// A lock between processes: the kernel frees it however its holder ends.
#pragma once

#include <filesystem>

namespace mnist {

enum class IfBusy { kReturn, kWait };

/// What to do on a file system that keeps no locks, as some network file systems.
enum class WithoutLocks { kFail, kGoOn };

class FileLock {
 public:
  /// Opens `path`, creating the file where it is missing but not its directory. Throws
  /// Error(kFailure) naming it; a missing directory only shows in opened().
  explicit FileLock(std::filesystem::path path);
  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;

  bool opened() const { return descriptor_ >= 0; }

  /// False where another process, or another FileLock of this one, holds it. Throws Error(kFailure)
  /// where the file system keeps no locks, unless one is to go on without.
  bool acquire(IfBusy if_busy, WithoutLocks without_locks = WithoutLocks::kFail) const;

  /// Whether the path still names the file that was opened.
  bool in_place() const;

 private:
  std::filesystem::path path_;
  int descriptor_;
};

}  // namespace mnist
