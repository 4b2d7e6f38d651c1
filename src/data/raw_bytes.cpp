#include "data/raw_bytes.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

#include "base/file.h"

namespace mnist {
namespace {

constexpr std::array kGzipMagic{std::byte{0x1f}, std::byte{0x8b}};
constexpr int kGzipOnly = 16;  // inflateInit2: no zlib header; verify checksums

bool begins_gzip(std::span<const std::byte> bytes) {
  return bytes.size() >= kGzipMagic.size() &&
         std::equal(kGzipMagic.begin(), kGzipMagic.end(), bytes.begin());
}

}  // namespace

void RawBytes::InflateEnd::operator()(z_stream* stream) const {
  inflateEnd(stream);
  delete stream;
}

RawBytes::RawBytes(int descriptor)
    : RawBytes([descriptor](std::span<std::byte> block) { return read_up_to(descriptor, block); }) {
  descriptor_ = descriptor;
}

RawBytes::RawBytes(Read read) : read_(std::move(read)) {
  fill();
  if (!begins_gzip(unread_)) return;
  auto stream = std::make_unique<z_stream>();
  if (inflateInit2(stream.get(), MAX_WBITS + kGzipOnly) != Z_OK) throw std::bad_alloc();
  gzip_.reset(stream.release());
}

void RawBytes::fill() {
  const std::ptrdiff_t got = read_(block_);
  if (got < 0) throw UnreadableBytes(system_reason(errno));
  unread_ = std::span(block_).first(static_cast<std::size_t>(got));
  taken_ += unread_.size();
}

std::span<const std::byte> RawBytes::next() {
  if (gzip_) return inflated();
  if (unread_.empty()) fill();
  return std::exchange(unread_, {});
}

std::int64_t RawBytes::seek(std::int64_t offset, int whence) {
  if (whence == SEEK_CUR) offset -= static_cast<std::int64_t>(unread_.size());
  unread_ = {};
  return ::lseek(descriptor_, offset, whence);
}

// After a gzip member another one may follow, or padding of zeros, as on tapes.
void RawBytes::check_padding() {
  while (!unread_.empty()) {
    if (std::any_of(unread_.begin(), unread_.end(), [](std::byte b) { return b != std::byte{}; })) {
      throw UnreadableBytes("there are other bytes behind its gzip data");
    }
    fill();
  }
}

std::span<const std::byte> RawBytes::inflated() {
  gzip_->next_out = reinterpret_cast<Bytef*>(inflated_.data());
  gzip_->avail_out = static_cast<uInt>(inflated_.size());
  while (!ended_ && gzip_->avail_out > 0) {
    if (unread_.empty()) fill();
    if (between_members_) {
      between_members_ = false;
      if (!begins_gzip(unread_)) {
        check_padding();
        ended_ = true;
        break;
      }
      inflateReset(gzip_.get());
    }
    if (unread_.empty()) throw UnreadableBytes("its gzip data are cut short");
    gzip_->next_in = reinterpret_cast<Bytef*>(unread_.data());
    gzip_->avail_in = static_cast<uInt>(unread_.size());
    const int result = inflate(gzip_.get(), Z_NO_FLUSH);
    unread_ = unread_.last(gzip_->avail_in);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result != Z_OK && result != Z_STREAM_END) {
      throw UnreadableBytes(gzip_->msg == nullptr ? "its gzip data are damaged" : gzip_->msg);
    }
    between_members_ = result == Z_STREAM_END;
  }
  return std::span(inflated_).first(inflated_.size() - gzip_->avail_out);
}

}  // namespace mnist
