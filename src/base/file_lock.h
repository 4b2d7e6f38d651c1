// A lock between processes: the kernel frees it however its holder ends.
#pragma once

#include <filesystem>

namespace mnist {

enum class IfBusy { kReturn, kWait };

class FileLock {
 public:
  /// Opens `path`, creating the file where it is missing but not its directory. Throws
  /// Error(kFailure) naming it; a missing directory only shows in opened().
  explicit FileLock(std::filesystem::path path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  bool opened() const { return descriptor_ >= 0; }

  /// False where another process, or another FileLock of this one, holds it.
  bool acquire(IfBusy if_busy) const;

  /// Whether the path still names the file that was opened.
  bool in_place() const;

  /// The descriptor, whose closing frees the lock from now on.
  int release();

 private:
  std::filesystem::path path_;
  int descriptor_;
};

}  // namespace mnist
