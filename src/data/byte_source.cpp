#include "data/byte_source.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <span>
#include <vector>

#include "base/error.h"
#include "data/archive.h"

namespace mnist {
namespace {

constexpr std::size_t kHeadBytes = 512;

// Files that decompress to more than this are made to fill memory.
constexpr std::uint64_t kBombRatio = 1000;
constexpr std::uint64_t kBombBytes = 1 << 28;

std::string_view member_name(archive_entry* entry) {
  const char* name = archive_entry_pathname(entry);
  return name == nullptr ? "" : name;
}

Descriptor open_for_reading(const std::filesystem::path& path) {
  if (path == "-") return Descriptor(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0));
  Descriptor file = open_file(path, O_RDONLY);
  if (file.opened()) return file;
  const int error_number = errno;
  if (error_number == ENOENT) {
    throw bad_input(path.string(), "no such file; check the path");
  }
  throw bad_input(path.string(), fmt::format("cannot be opened: {}", system_reason(error_number)));
}

}  // namespace

void ByteSource::ArchiveCloser::operator()(archive* a) const { archive_read_free(a); }

/// The file to open, and the member of an archive: the named one, or the only one.
std::pair<std::filesystem::path, std::string> ByteSource::place_of(
    const std::filesystem::path& path) {
  if (path == "-") return {path, ""};
  if (auto named = archive_member(path)) return std::move(*named);
  // Throws if there are several.
  const auto chosen = archive_member(choose_member(path, Half::kTraining));
  return chosen ? *chosen : std::pair(path, std::string());
}

ByteSource::ByteSource(const std::filesystem::path& path)
    : ByteSource(place_of(path), path == "-" ? "standard input" : path.string()) {}

ByteSource::ByteSource(const std::pair<std::filesystem::path, std::string>& place, std::string name)
    : name_(std::move(name)), member_(place.second), file_(open_for_reading(place.first)) {
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) {
    throw bad_input(name_, fmt::format("cannot be read: {}", system_reason(errno)));
  }
  if (S_ISDIR(status.st_mode)) {
    throw bad_input(name_, "is a directory; name a data file in it");
  }
  const bool regular = S_ISREG(status.st_mode);
  if (regular) file_size_ = static_cast<std::uint64_t>(status.st_size);

  const off_t start = regular ? ::lseek(file_.get(), 0, SEEK_CUR) : 0;
  raw_ = open_raw();
  open_archive(regular && !raw_->is_gzip());
  const bool plain = archive_format(archive_.get()) == ARCHIVE_FORMAT_RAW &&
                     archive_filter_count(archive_.get()) == 1 && !raw_->is_gzip();
  if (plain && regular) {  // read the file directly, without a copy by libarchive
    archive_.reset();
    raw_.reset();
    ::lseek(file_.get(), start, SEEK_SET);
  }

  if (archive_ && archive_format(archive_.get()) == ARCHIVE_FORMAT_ZIP) {
    of_member_ = std::make_unique<RawBytes>([this](std::span<std::byte> block) {
      const std::size_t got = read_archive(reinterpret_cast<char*>(block.data()), block.size());
      return static_cast<std::ptrdiff_t>(got);
    });
  }

  std::string head(kHeadBytes, '\0');
  head.resize(read(head.data(), head.size()));
  if (head.empty()) throw bad_input(name_, "is empty");
  head_ = std::move(head);
}

void ByteSource::open_archive(bool seekable) {
  archive_.reset(archive_read_new());
  archive* const a = archive_.get();
  if (a == nullptr) throw std::bad_alloc();
  // Not archive_read_support_filter_all: some of its filters start other programs.
  archive_read_support_filter_gzip(a);
  archive_read_support_filter_bzip2(a);
  archive_read_support_filter_xz(a);
  archive_read_support_filter_zstd(a);
  archive_read_support_format_zip(a);
  archive_read_support_format_raw(a);
  archive_read_support_format_empty(a);  // the raw format refuses an empty file
  archive_read_set_callback_data(a, raw_.get());
  archive_read_set_read_callback(a, give_raw);
  if (seekable) archive_read_set_seek_callback(a, seek_raw);  // a zip has its directory at the end
  if (archive_read_open1(a) != ARCHIVE_OK) throw_damaged();

  archive_entry* entry = nullptr;
  std::vector<std::string> others;
  do {
    if (entry != nullptr && others.size() < 10) others.emplace_back(member_name(entry));
    const int result = archive_read_next_header(a, &entry);
    if (result == ARCHIVE_EOF) {
      throw bad_input(
          name_, !member_.empty() ? fmt::format("the archive holds no file of that name, but {}",
                                                fmt::join(others, ", "))
                 : archive_format(a) == ARCHIVE_FORMAT_ZIP ? "a zip archive without a file in it"
                                                           : "is empty");
    }
    // A warning here only concerns the entry's name.
    if (result < ARCHIVE_WARN) throw_damaged();
  } while (archive_entry_filetype(entry) != AE_IFREG ||
           (!member_.empty() && member_name(entry) != member_));
  if (archive_entry_is_encrypted(entry) != 0) {
    throw bad_input(name_, "is locked by a password; unpack it and name the file");
  }
}

std::unique_ptr<RawBytes> ByteSource::open_raw() const {
  try {
    return std::make_unique<RawBytes>(file_.get());
  } catch (const UnreadableBytes& error) {
    throw bad_input(name_, fmt::format("cannot be read: {}", error.what()));
  }
}

la_ssize_t ByteSource::give_raw(archive* a, void* raw, const void** block) {
  try {
    const std::span<const std::byte> bytes = static_cast<RawBytes*>(raw)->next();
    *block = bytes.data();
    return static_cast<la_ssize_t>(bytes.size());
  } catch (const UnreadableBytes& error) {
    archive_set_error(a, EIO, "%s", error.what());
  } catch (const std::bad_alloc&) {
    archive_set_error(a, ENOMEM, "not enough memory");
  }
  return ARCHIVE_FATAL;
}

std::int64_t ByteSource::seek_raw(archive* a, void* raw, std::int64_t offset, int whence) {
  const std::int64_t position = static_cast<RawBytes*>(raw)->seek(offset, whence);
  if (position < 0) archive_set_error(a, errno, "%s", system_reason(errno).c_str());
  return position < 0 ? ARCHIVE_FATAL : position;
}

std::size_t ByteSource::read(char* out, std::size_t n) {
  const std::size_t from_head = head_.copy(out, n);
  head_.erase(0, from_head);
  out += from_head;
  n -= from_head;
  return from_head + (of_member_ ? read_member(out, n)
                      : archive_ ? read_archive(out, n)
                                 : read_file(out, n));
}

std::size_t ByteSource::read_file(char* out, std::size_t n) {
  const std::ptrdiff_t done = read_up_to(file_.get(), std::as_writable_bytes(std::span(out, n)));
  if (done < 0) throw bad_input(name_, fmt::format("cannot be read: {}", system_reason(errno)));
  file_position_ += static_cast<std::uint64_t>(done);
  return static_cast<std::size_t>(done);
}

std::size_t ByteSource::read_archive(char* out, std::size_t n) {
  std::size_t done = 0;
  while (done < n) {
    const la_ssize_t got = archive_read_data(archive_.get(), out + done, n - done);
    if (got == 0) break;
    if (got < 0) throw_damaged();  // also for a warning, such as a wrong checksum in a zip archive
    done += static_cast<std::size_t>(got);
  }
  count_decompressed(done);
  return done;
}

std::size_t ByteSource::read_member(char* out, std::size_t n) {
  std::size_t done = 0;
  while (done < n) {
    try {
      if (block_.empty()) block_ = of_member_->next();
    } catch (const UnreadableBytes& error) {
      throw bad_input(name_, fmt::format("cannot be decompressed: {}", error.what()));
    }
    if (block_.empty()) break;
    const std::size_t part = std::min(n - done, block_.size());
    std::memcpy(out + done, block_.data(), part);
    block_ = block_.subspan(part);
    done += part;
  }
  if (of_member_->is_gzip()) count_decompressed(done);
  return done;
}

void ByteSource::count_decompressed(std::size_t n) {
  decompressed_ += n;
  if (decompressed_ > kBombBytes && decompressed_ / kBombRatio > compressed_bytes()) {
    throw bad_input(name_, fmt::format("holds more than {} times its size, likely in order to fill "
                                       "memory; decompress it first if it does not",
                                       kBombRatio));
  }
}

std::uint64_t ByteSource::compressed_bytes() const {
  return raw_ ? raw_->taken()
              : static_cast<std::uint64_t>(archive_filter_bytes(archive_.get(), -1));
}

void ByteSource::throw_damaged() const {
  const char* text = archive_error_string(archive_.get());
  std::string what = text == nullptr ? "damaged" : text;
  what.resize(std::min(what.size(), what.find('\n')));  // some messages have several lines
  throw bad_input(name_,
                  fmt::format("cannot be read or decompressed: {}; fetch or copy it again", what));
}

std::uint64_t ByteSource::bytes_left() const {
  if (archive_ || file_size_ < file_position_) return 0;
  return file_size_ - file_position_ + head_.size();
}

double ByteSource::progress() const {
  if (file_size_ == 0) return 0;
  const auto position = static_cast<double>(archive_ ? compressed_bytes() : file_position_);
  return std::clamp(position / static_cast<double>(file_size_), 0.0, 1.0);
}

}  // namespace mnist
