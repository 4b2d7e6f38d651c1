// The bytes of a data file, decompressed if necessary.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "data/raw_bytes.h"

struct archive;

namespace mnist {

/// A file or standard input, plain or compressed with gzip, bzip2, xz or zstd, or a member of a zip
/// archive, plain or compressed with gzip: FILE.zip:MEMBER, or the only member that can be data.
/// The content decides, not the name. Reads forward only, in constant memory.
class ByteSource {
 public:
  /// Opens `path`, or standard input for "-". Throws Error(kBadInput) if it is missing, a
  /// directory, unreadable or empty, or if decompression fails.
  explicit ByteSource(const std::filesystem::path& path);

  /// The name for messages.
  const std::string& name() const { return name_; }

  /// The first bytes, at most 512; read() returns them again. Valid until the first read().
  std::string_view head() const { return head_; }

  /// Copies the next n bytes to `out` and returns n, or fewer at the end of the data. Throws
  /// Error(kBadInput) if the file cannot be read, its compressed data are damaged, or they
  /// decompress to more than a thousand times the file's size, as a file made to fill memory does.
  std::size_t read(char* out, std::size_t n);

  /// The number of bytes not yet read, according to the file's size; 0 if that is unknown.
  std::uint64_t bytes_left() const;

  /// The fraction of the file read so far, from 0 to 1; 0 if unknown.
  double progress() const;

 private:
  ByteSource(const std::pair<std::filesystem::path, std::string>& place, std::string name);
  static std::pair<std::filesystem::path, std::string> place_of(const std::filesystem::path& path);

  struct ArchiveCloser {
    void operator()(archive* a) const;
  };

  std::unique_ptr<RawBytes> open_raw() const;
  void open_archive(bool seekable);
  static std::ptrdiff_t give_raw(archive* a, void* raw, const void** block);
  static std::int64_t seek_raw(archive* a, void* raw, std::int64_t offset, int whence);
  std::uint64_t compressed_bytes() const;
  std::size_t read_file(char* out, std::size_t n);
  std::size_t read_archive(char* out, std::size_t n);
  std::size_t read_member(char* out, std::size_t n);
  void count_decompressed(std::size_t n);
  [[noreturn]] void throw_damaged() const;

  std::string name_;
  std::string member_;  // of an archive; empty: its first file
  Descriptor file_;
  std::uint64_t file_size_ = 0;                      // 0: unknown, such as a pipe
  std::uint64_t decompressed_ = 0;                   // bytes read through libarchive
  std::uint64_t file_position_ = 0;                  // bytes read without libarchive
  std::unique_ptr<RawBytes> raw_;                    // the input of libarchive
  std::unique_ptr<archive, ArchiveCloser> archive_;  // null for a plain file
  std::unique_ptr<RawBytes> of_member_;              // over a zip archive, to undo gzip
  std::span<const std::byte> block_;                 // of of_member_, not yet read
  std::string head_;
};

}  // namespace mnist
