#include "base/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace mnist {
namespace {

[[noreturn]] void fail(const char* what, const std::filesystem::path& path) {
  throw Error(ExitCode::kFailure,
              fmt::format("cannot {} {}: {}", what, path.string(),
                          std::error_code(errno, std::generic_category()).message()));
}

}  // namespace

FileLock::FileLock(std::filesystem::path path)
    : path_(std::move(path)),
      descriptor_(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0 && errno != ENOENT) fail("open", path_);
}

FileLock::FileLock(FileLock&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool FileLock::acquire(IfBusy if_busy, WithoutLocks without_locks) const {
  while (::flock(descriptor_, if_busy == IfBusy::kWait ? LOCK_EX : LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno == EINTR) continue;
    if (without_locks == WithoutLocks::kGoOn) return true;
    fail("lock", path_);
  }
  return true;
}

bool FileLock::in_place() const {
  struct stat opened {};
  struct stat named {};
  return ::fstat(descriptor_, &opened) == 0 && ::stat(path_.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

}  // namespace mnist
