#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/error.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlock = 1 << 16;
constexpr std::size_t kLongestLine = 1 << 20;

[[noreturn]] void unreadable(const fs::path& path, int error_number) {
  if (error_number == ENOENT) throw bad_input(path.string(), "no such file; check the path");
  throw bad_input(path.string(), fmt::format("cannot be read: {}", system_reason(error_number)));
}

Descriptor open_for_reading(const fs::path& path) {
  Descriptor file = open_file(path, O_RDONLY);
  if (!file.opened()) unreadable(path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) unreadable(path, errno);
  if (S_ISDIR(status.st_mode)) unreadable(path, EISDIR);
  return file;
}

// Appends the next block of the file to `text`. Returns false at the end of the file.
bool read_block(const fs::path& path, const Descriptor& file, std::string& text) {
  const std::size_t before = text.size();
  text.resize(before + kBlock);
  const std::ptrdiff_t got =
      read_up_to(file.get(), std::as_writable_bytes(std::span(text).subspan(before)));
  if (got < 0) unreadable(path, errno);
  text.resize(before + static_cast<std::size_t>(got));
  return static_cast<std::size_t>(got) == kBlock;
}

}  // namespace

std::string system_reason(int error_number) {
  return std::generic_category().message(error_number);
}

void fail_to(const char* what, const fs::path& path, int error_number) {
  throw Error(ExitCode::kFailure,
              fmt::format("cannot {} {}: {}", what, path.string(), system_reason(error_number)));
}

Descriptor::~Descriptor() {
  if (opened()) ::close(descriptor_);
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

int Descriptor::close() { return ::close(std::exchange(descriptor_, -1)) == 0 ? 0 : errno; }

Descriptor open_file(const fs::path& path, int flags) {
  int descriptor = -1;
  do {
    descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
  } while (descriptor < 0 && errno == EINTR);
  return Descriptor(descriptor);
}

int write_all(int descriptor, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd ready{descriptor, POLLOUT, 0};
      if (::poll(&ready, 1, -1) < 0 && errno != EINTR) return errno;
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

int write_all(int descriptor, std::string_view text) {
  return write_all(descriptor, std::as_bytes(std::span(text)));
}

std::ptrdiff_t read_up_to(int descriptor, std::span<std::byte> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::read(descriptor, bytes.data() + done, bytes.size() - done);
    if (got == 0) break;
    if (got > 0) {
      done += static_cast<std::size_t>(got);
    } else if (errno == EAGAIN) {
      pollfd ready{descriptor, POLLIN, 0};
      if (::poll(&ready, 1, -1) < 0 && errno != EINTR) return -1;
    } else if (errno != EINTR) {
      return -1;
    }
  }
  return static_cast<std::ptrdiff_t>(done);
}

int sync_descriptor(int descriptor) {
  while (::fsync(descriptor) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

void sync_directory(const fs::path& directory) {
  const fs::path name = directory.empty() ? "." : directory;
  const Descriptor opened = open_file(name, O_RDONLY | O_DIRECTORY);
  const int error = opened.opened() ? sync_descriptor(opened.get()) : errno;
  // Some file systems cannot sync a directory. A directory without read permission cannot be
  // opened.
  if (error == 0 || error == EINVAL || error == ENOTSUP || error == EACCES) return;
  fail_to("write to directory", name, error);
}

bool create_directories_for_good(const fs::path& directory) {
  try {
    if (directory.empty() || fs::is_directory(directory)) return false;
    const fs::path parent = directory.parent_path();
    if (!fs::exists(parent)) create_directories_for_good(parent);
    if (!fs::create_directory(directory)) return false;
  } catch (const fs::filesystem_error& error) {
    fail_to("create directory", directory, error.code().value());
  }
  sync_directory(directory.parent_path());
  return true;
}

void rename_for_good(const fs::path& from, const fs::path& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) {
    throw Error(ExitCode::kFailure, fmt::format("cannot rename {} to {}: {}", from.string(),
                                                to.string(), system_reason(errno)));
  }
  sync_directory(to.parent_path());
  if (from.parent_path() != to.parent_path()) sync_directory(from.parent_path());
}

std::string read_file(const fs::path& path, std::size_t most) {
  const Descriptor file = open_for_reading(path);
  std::string text;
  for (bool more = true; more;) {
    more = read_block(path, file, text);
    if (text.size() > most) {
      throw bad_input(path.string(), fmt::format("is larger than {} bytes", most));
    }
  }
  return text;
}

LineReader::LineReader(fs::path path) : path_(std::move(path)), file_(open_for_reading(path_)) {}

bool LineReader::next(std::string_view& line) {
  std::size_t end = text_.find('\n', begin_);
  while (end == std::string::npos && !ended_) {
    text_.erase(0, begin_);
    begin_ = 0;
    if (text_.size() > kLongestLine) {
      throw bad_input(path_.string(), fmt::format("a line is longer than {} bytes", kLongestLine));
    }
    const std::size_t searched = text_.size();
    ended_ = !read_block(path_, file_, text_);
    end = text_.find('\n', searched);
  }
  whole_ = end != std::string::npos;
  end = std::min(end, text_.size());
  line = std::string_view(text_).substr(begin_, end - begin_);
  const std::size_t next = end + (whole_ ? 1 : 0);
  const bool any = next > begin_;
  position_ += next - begin_;
  begin_ = next;
  return any;
}

}  // namespace mnist
