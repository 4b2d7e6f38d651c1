// Files by the system's own calls: every one of them goes on after a signal and a short transfer,
// and tells an error from the end of a file.
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

/// An open descriptor, closed with its object. No program that this one starts inherits it.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;

  bool opened() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }

  /// 0, or the errno of close().
  int close();

 private:
  int descriptor_ = -1;
};

/// open(2). The descriptor is not opened() where that fails; errno says why.
Descriptor open_file(const std::filesystem::path& path, int flags);

/// Writes all bytes, and waits where a descriptor does not block. Returns 0 or an errno.
int write_all(int descriptor, std::span<const std::byte> bytes);
int write_all(int descriptor, std::string_view text);

/// Reads until `bytes` is full or the file ends, and returns how much that was; -1 with errno where
/// it cannot be read.
std::ptrdiff_t read_up_to(int descriptor, std::span<std::byte> bytes);

/// Makes sure that what was written survives a power failure. Returns 0 or an errno.
int sync_descriptor(int descriptor);

/// The same of what was created, renamed or removed in a directory. An empty path is the working
/// directory. Throws Error(kFailure) naming it.
void sync_directory(const std::filesystem::path& directory);

/// Renames a file or directory, for good. Throws Error(kFailure) naming both.
void rename_for_good(const std::filesystem::path& from, const std::filesystem::path& to);

/// All bytes of a file. Throws Error(kBadInput) naming it where it is missing, a directory, of more
/// than `most` bytes, or cannot be read to its end.
std::string read_file(const std::filesystem::path& path, std::size_t most = 1 << 28);

/// The lines of a file, in constant memory.
class LineReader {
 public:
  /// Throws Error(kBadInput) naming the file, also from next(): missing, a directory, not readable,
  /// a line of more than 1 MiB.
  explicit LineReader(std::filesystem::path path);

  /// The next line, without its line break and valid until the next call; false at the end.
  bool next(std::string_view& line);

  /// Whether the line that next() gave last had its line break: a file that is being written, or
  /// was when power failed, may end in a part of a line.
  bool whole() const { return whole_; }

  /// Bytes of the lines given so far, line breaks included.
  std::size_t position() const { return position_; }

 private:
  std::filesystem::path path_;
  Descriptor file_;
  std::string text_;  // read, not all of it given yet
  std::size_t begin_ = 0;
  std::size_t position_ = 0;
  bool ended_ = false;
  bool whole_ = false;
};

}  // namespace mnist
