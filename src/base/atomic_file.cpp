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
#include "base/file.h"
#include "base/text.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTemporaryMark = ".tmp-";

/// The file to replace: the target of a symbolic link, else `path` itself.
fs::path resolve(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return path;
  if (fs::is_directory(status)) fail_to("write", path, EISDIR);
  if (!fs::is_regular_file(status)) {
    // A rename would replace /dev/null or a pipe by a regular file.
    throw Error(ExitCode::kFailure,
                fmt::format("cannot write {}: not a regular file; name another", path.string()));
  }
  if (!fs::is_symlink(path, error)) return path;
  const fs::path target = fs::canonical(path, error);
  return error ? path : target;
}

/// A new file beside `target`, removed by the destructor unless commit() renamed it. Errors name
/// `path`.
class TemporaryFile {
 public:
  TemporaryFile(const fs::path& path, const fs::path& target) : path_(path), target_(target) {
    static std::atomic<unsigned> counter{0};
    // Cut a long name, so that the name with the suffix stays within the file system's limit. Skip
    // a name that a killed process with the same id has left.
    const std::string name = target.filename().string();
    do {
      temporary_ =
          target.parent_path() / fmt::format(".{}{}{}-{}", clipped(name, 200), kTemporaryMark,
                                             getpid(), counter.fetch_add(1));
      file_ = open_file(temporary_, O_WRONLY | O_CREAT | O_EXCL);
    } while (!file_.opened() && errno == EEXIST);
    if (!file_.opened()) fail_to("write", path_, errno);
  }

  ~TemporaryFile() {
    if (!renamed_) unlink(temporary_.c_str());
  }

  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(std::span<const std::byte> bytes) {
    if (const int error = write_all(file_.get(), bytes)) fail_to("write", path_, error);
  }

  /// Syncs the content, renames the file to the target and syncs the directory.
  void commit() {
    if (const int error = sync_descriptor(file_.get())) fail_to("write", path_, error);
    if (const int error = file_.close()) fail_to("write", path_, error);
    if (std::rename(temporary_.c_str(), target_.c_str()) != 0) fail_to("write", path_, errno);
    renamed_ = true;
    sync_directory(target_.parent_path());
  }

 private:
  const fs::path& path_;
  const fs::path& target_;
  fs::path temporary_;
  Descriptor file_;
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

std::string_view target_of_temporary(std::string_view name) {
  const std::size_t mark = name.rfind(kTemporaryMark);
  if (!name.starts_with('.') || mark == std::string_view::npos || mark < 2) return {};
  const std::string_view numbers = name.substr(mark + kTemporaryMark.size());
  const std::size_t dash = numbers.find('-');
  const auto is_number = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (dash == std::string_view::npos || !is_number(numbers.substr(0, dash)) ||
      !is_number(numbers.substr(dash + 1))) {
    return {};
  }
  return name.substr(1, mark - 1);
}

}  // namespace mnist
