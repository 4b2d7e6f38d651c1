#include "base/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include "base/error.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, int error_number) {
  throw Error(ExitCode::kFailure, fmt::format("cannot write {}: {}", path.string(),
                                              std::generic_category().message(error_number)));
}

/// The file that stands, or is to stand, at `path`: a link's target where there is one.
fs::path resolve(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return path;
  if (fs::is_directory(status)) fail(path, EISDIR);
  if (!fs::is_regular_file(status)) {
    // A rename would put a plain file in the place of /dev/null or a pipe.
    throw Error(ExitCode::kFailure,
                fmt::format("cannot write {}: not a regular file; name another", path.string()));
  }
  if (!fs::is_symlink(path, error)) return path;
  const fs::path target = fs::canonical(path, error);
  return error ? path : target;
}

/// A new file beside `target`, gone again unless it is renamed. Errors name `path`.
class TemporaryFile {
 public:
  TemporaryFile(const fs::path& path, const fs::path& target) : path_(path), target_(target) {
    static std::atomic<unsigned> counter{0};
    // A long name is cut, so that the longer one is still allowed. A file left by a killed process
    // of the same number is passed over.
    const std::string name = target.filename().string().substr(0, 200);
    do {
      temporary_ =
          target.parent_path() / fmt::format(".{}.tmp-{}-{}", name, getpid(), counter.fetch_add(1));
      descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (descriptor_ < 0 && (errno == EEXIST || errno == EINTR));
    if (descriptor_ < 0) fail(path_, errno);
  }

  ~TemporaryFile() {
    if (descriptor_ >= 0) close(descriptor_);
    if (!renamed_) unlink(temporary_.c_str());
  }

  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written >= 0) {
        bytes = bytes.subspan(static_cast<std::size_t>(written));
      } else if (errno != EINTR) {
        fail(path_, errno);
      }
    }
  }

  /// Makes sure of the content, then puts it in place.
  void commit() {
    if (fsync(descriptor_) != 0) fail(path_, errno);
    const int descriptor = descriptor_;
    descriptor_ = -1;
    if (close(descriptor) != 0) fail(path_, errno);
    if (std::rename(temporary_.c_str(), target_.c_str()) != 0) fail(path_, errno);
    renamed_ = true;
  }

 private:
  const fs::path& path_;
  const fs::path& target_;
  fs::path temporary_;
  int descriptor_ = -1;
  bool renamed_ = false;
};

}  // namespace

void write_file_atomically(const fs::path& path, std::span<const std::byte> bytes) {
  const fs::path target = resolve(path);
  TemporaryFile file(path, target);
  file.write(bytes);
  file.commit();
}

void write_file_atomically(const fs::path& path, std::string_view text) {
  write_file_atomically(path, std::as_bytes(std::span(text)));
}

}  // namespace mnist
