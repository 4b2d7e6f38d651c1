// A lock between processes. The kernel releases it when its holder ends, even after a crash.
#pragma once

#include <filesystem>

#include "base/file.h"

namespace mnist {

enum class IfBusy { kReturn, kWait };

/// What to do on a file system without locks, such as some network file systems.
enum class WithoutLocks { kFail, kGoOn };

class FileLock {
 public:
  enum class File { kAny, kNew };

  /// Opens `path` and creates the file if it is missing. opened() is false if the directory is
  /// missing, or if the file exists although File::kNew was asked for; any other failure throws
  /// Error(kFailure) naming the path.
  explicit FileLock(std::filesystem::path path, File file = File::kAny);

  bool opened() const { return file_.opened(); }

  /// Takes the lock. Returns false if another process, or another FileLock of this process, holds
  /// it and `if_busy` is kReturn. On a file system without locks it returns true with
  /// WithoutLocks::kGoOn, else throws Error(kFailure).
  bool acquire(IfBusy if_busy, WithoutLocks without_locks = WithoutLocks::kFail) const;

  /// Whether the path still names the opened file; another process may have replaced or removed it.
  bool in_place() const;

 private:
  std::filesystem::path path_;
  Descriptor file_;
};

}  // namespace mnist
