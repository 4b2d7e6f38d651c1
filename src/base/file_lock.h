// A lock between processes: the kernel frees it however its holder ends.
#pragma once

#include <filesystem>

#include "base/file.h"

namespace mnist {

enum class IfBusy { kReturn, kWait };

/// What to do on a file system that keeps no locks, as some network file systems.
enum class WithoutLocks { kFail, kGoOn };

class FileLock {
 public:
  enum class File { kAny, kNew };

  /// Opens `path`, creating the file where it is missing but not its directory. Throws
  /// Error(kFailure) naming it; a missing directory, and a file that was to be new and is there
  /// already, only show in opened().
  explicit FileLock(std::filesystem::path path, File file = File::kAny);

  bool opened() const { return file_.opened(); }

  /// False where another process, or another FileLock of this one, holds it. Throws Error(kFailure)
  /// where the file system keeps no locks, unless one is to go on without.
  bool acquire(IfBusy if_busy, WithoutLocks without_locks = WithoutLocks::kFail) const;

  /// Whether the path still names the file that was opened.
  bool in_place() const;

 private:
  std::filesystem::path path_;
  Descriptor file_;
};

}  // namespace mnist
