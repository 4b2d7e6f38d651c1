// The bytes of a file descriptor. Gzip is decompressed here, because libarchive ignores the
// checksum at its end (RFC 1952, CRC32 and ISIZE).
#pragma once

#include <zlib.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

namespace mnist {

/// Thrown by RawBytes, with the reason.
struct UnreadableBytes : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class RawBytes {
 public:
  /// Reads the first bytes to recognise gzip. Throws UnreadableBytes.
  explicit RawBytes(int descriptor);

  /// Of bytes that come from elsewhere: `read` fills a block as far as there are any, and returns
  /// their number.
  using Read = std::function<std::ptrdiff_t(std::span<std::byte>)>;
  explicit RawBytes(Read read);

  bool is_gzip() const { return gzip_ != nullptr; }

  /// The next block; empty at the end; valid until the next call. Throws UnreadableBytes, also if a
  /// gzip file is damaged, cut short or followed by anything but zeros.
  std::span<const std::byte> next();

  /// lseek(2). Not for gzip.
  std::int64_t seek(std::int64_t offset, int whence);

  /// The number of bytes read from the descriptor.
  std::uint64_t taken() const { return taken_; }

 private:
  struct InflateEnd {
    void operator()(z_stream* stream) const;
  };

  void fill();
  std::span<const std::byte> inflated();
  void check_padding();

  int descriptor_ = -1;
  Read read_;
  std::uint64_t taken_ = 0;
  std::array<std::byte, 1 << 16> block_{};
  std::span<std::byte> unread_;  // part of block_
  std::unique_ptr<z_stream, InflateEnd> gzip_;
  bool between_members_ = false;
  bool ended_ = false;
  std::array<std::byte, 1 << 18> inflated_{};
};

}  // namespace mnist
