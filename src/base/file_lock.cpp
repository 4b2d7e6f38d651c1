#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

namespace mnist {

FileLock::FileLock(std::filesystem::path path, File file)
    : path_(std::move(path)),
      file_(open_file(path_, O_RDWR | O_CREAT | (file == File::kNew ? O_EXCL : 0))) {
  const bool foreseen = errno == ENOENT || (errno == EEXIST && file == File::kNew);
  if (!file_.opened() && !foreseen) fail_to("open", path_, errno);
}

bool FileLock::acquire(IfBusy if_busy, WithoutLocks without_locks) const {
  while (::flock(file_.get(), if_busy == IfBusy::kWait ? LOCK_EX : LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno == EINTR) continue;
    if (without_locks == WithoutLocks::kGoOn) return true;
    fail_to("lock", path_, errno);
  }
  return true;
}

bool FileLock::in_place() const {
  struct stat opened {};
  struct stat named {};
  return ::fstat(file_.get(), &opened) == 0 && ::stat(path_.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

}  // namespace mnist
