// Files through system calls. Each function continues after a signal or a short transfer, and tells
// an error from the end of a file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace mnist {

/// The system's text for an errno.
std::string system_reason(int error_number);

/// Throws Error(kFailure): "cannot WHAT PATH: REASON", with the system's text for an errno.
[[noreturn]] void fail_to(const char* what, const std::filesystem::path& path, int error_number);

/// Owns an open file descriptor. Child programs do not inherit it.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;

  bool opened() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }

  /// Closes the descriptor now. Returns 0 or an errno.
  int close();

 private:
  int descriptor_ = -1;
};

/// open(2) with O_CLOEXEC. On failure the result is not opened(), and errno says why.
Descriptor open_file(const std::filesystem::path& path, int flags);

/// Writes all bytes; waits if a non-blocking descriptor is not ready. Returns 0 or an errno.
int write_all(int descriptor, std::span<const std::byte> bytes);
int write_all(int descriptor, std::string_view text);

/// Reads until `bytes` is full or the file ends. Returns the number of bytes read, or -1 with errno
/// set.
std::ptrdiff_t read_up_to(int descriptor, std::span<std::byte> bytes);

/// fsync(2): afterwards all written bytes survive a power failure. Returns 0 or an errno.
int sync_descriptor(int descriptor);

/// Does the same for files created, renamed or removed in a directory. An empty path means the
/// working directory. Throws Error(kFailure) naming the directory.
void sync_directory(const std::filesystem::path& directory);

/// Creates a directory and the missing ones above it, each of which survives a power failure.
/// Returns whether it is new. Throws Error(kFailure) naming the directory.
bool create_directories_for_good(const std::filesystem::path& directory);

/// Renames a file or directory and syncs the directories concerned, so that the new name survives a
/// power failure. Throws Error(kFailure) naming both paths.
void rename_for_good(const std::filesystem::path& from, const std::filesystem::path& to);

/// All bytes of a file. Throws Error(kBadInput) naming the file if it is missing, a directory,
/// larger than `most` bytes or unreadable.
std::string read_file(const std::filesystem::path& path, std::size_t most = 1 << 28);

/// The lines of a file, in constant memory.
class LineReader {
 public:
  /// The constructor and next() throw Error(kBadInput) naming the file if it is missing, a
  /// directory or unreadable, or if a line is longer than 1 MiB.
  explicit LineReader(std::filesystem::path path);

  /// Sets `line` to the next line without its line break; it is valid until the next call. Returns
  /// false at the end of the file.
  bool next(std::string_view& line);

  /// Whether the last line from next() ended in a line break. A file that is still being written,
  /// or was cut by a power failure, may end in the middle of a line.
  bool whole() const { return whole_; }

  /// Bytes of the lines returned so far, line breaks included.
  std::size_t position() const { return position_; }

 private:
  std::filesystem::path path_;
  Descriptor file_;
  std::string text_;  // bytes read; those before begin_ were returned already
  std::size_t begin_ = 0;
  std::size_t position_ = 0;
  bool ended_ = false;
  bool whole_ = false;
};

}  // namespace mnist
