// An event file is a sequence of TFRecords; integers are little-endian:
//
//   length   8 bytes
//   checksum 4 bytes, over the length
//   event    `length` bytes
//   checksum 4 bytes, over the event
//
// A checksum is a CRC-32C, masked (tensorflow/core/lib/hash/crc32c.h). An event is a protobuf
// message (tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto):
//
//   message Event   { double wall_time = 1; int64 step = 2; string file_version = 3;
//                     Summary summary = 5; }
//   message Summary { repeated Value value = 1; }
//   message Value   { string tag = 1; float simple_value = 2; }
#include "train/event_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <sys/stat.h>

#include <bit>
#include <cerrno>
#include <chrono>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include "base/crc32c.h"
#include "base/error.h"
#include "base/file.h"

namespace mnist {
namespace {

using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

// Protobuf tags: field number << 3 | wire type.
enum Tag : std::uint32_t {
  kWallTime = 1 << 3 | 1,
  kStep = 2 << 3 | 0,
  kFileVersion = 3 << 3 | 2,
  kSummary = 5 << 3 | 2,
  kValue = 1 << 3 | 2,
  kName = 1 << 3 | 2,
  kSimpleValue = 2 << 3 | 5,
};

constexpr const char* kVersion = "brain.Event:2";
constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kChecksumBytes = 4;

template <class Write>
std::string written(Write write) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    CodedOutputStream out(&stream);
    write(out);
  }
  return bytes;
}

void write_bytes(CodedOutputStream& out, Tag tag, const std::string& bytes) {
  out.WriteTag(tag);
  out.WriteVarint32(static_cast<std::uint32_t>(bytes.size()));
  out.WriteString(bytes);
}

std::uint32_t checksum(std::string_view bytes) {
  constexpr std::uint32_t kMask = 0xA282EAD8U;
  return std::rotr(crc32c(bytes), 15) + kMask;
}

std::string record_of(const std::string& event) {
  const std::string length =
      written([&](CodedOutputStream& out) { out.WriteLittleEndian64(event.size()); });
  return written([&](CodedOutputStream& out) {
    out.WriteString(length);
    out.WriteLittleEndian32(checksum(length));
    out.WriteString(event);
    out.WriteLittleEndian32(checksum(event));
  });
}

// The record of an event at the current time, with one field of content.
std::string record_now(std::size_t step, Tag tag, const std::string& what) {
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  return record_of(written([&](CodedOutputStream& out) {
    out.WriteTag(kWallTime);
    out.WriteLittleEndian64(std::bit_cast<std::uint64_t>(now.count()));
    out.WriteTag(kStep);
    out.WriteVarint64(step);
    write_bytes(out, tag, what);
  }));
}

CodedInputStream reader(const std::string& bytes) {
  return CodedInputStream(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                          static_cast<int>(bytes.size()));
}

// Reads a file from its start.
class Reading {
 public:
  explicit Reading(const std::filesystem::path& path)
      : path_(path), file_(open_file(path, O_RDONLY)) {
    struct stat status {};
    if (!file_.opened() || ::fstat(file_.get(), &status) != 0) fail();
    left_ = static_cast<std::uintmax_t>(status.st_size);
  }

  // Reads `size` bytes and their checksum. Returns false if the file ends before or the checksum
  // differs.
  bool take_checked(std::uint64_t size, std::string& bytes) {
    if (left_ < kChecksumBytes || size > left_ - kChecksumBytes) return false;
    std::string sum(kChecksumBytes, '\0');
    bytes.resize(size);
    std::uint32_t expected = 0;
    return take(bytes) && take(sum) && reader(sum).ReadLittleEndian32(&expected) &&
           expected == checksum(bytes);
  }

 private:
  bool take(std::string& bytes) {
    const std::ptrdiff_t got = read_up_to(file_.get(), std::as_writable_bytes(std::span(bytes)));
    if (got < 0) fail();
    left_ -= static_cast<std::uintmax_t>(got);
    return static_cast<std::size_t>(got) == bytes.size();
  }
  [[noreturn]] void fail() const {
    throw bad_input(path_.string(), fmt::format("cannot be read: {}", system_reason(errno)));
  }

  const std::filesystem::path& path_;
  Descriptor file_;
  std::uintmax_t left_ = 0;
};

// The number of bytes in which the file holds complete records of steps up to `step`, in the form
// written here.
std::uintmax_t bytes_up_to(const std::filesystem::path& path, std::size_t step) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return 0;
  Reading file(path);
  std::uintmax_t kept = 0;
  std::string bytes;
  std::uint64_t length = 0;
  std::uint64_t bits = 0;
  std::uint64_t event_step = 0;
  while (file.take_checked(kLengthBytes, bytes) && reader(bytes).ReadLittleEndian64(&length) &&
         file.take_checked(length, bytes)) {
    CodedInputStream event = reader(bytes);
    if (event.ReadTag() != kWallTime || !event.ReadLittleEndian64(&bits) ||
        event.ReadTag() != kStep || !event.ReadVarint64(&event_step) || event_step > step) {
      break;
    }
    kept += kLengthBytes + length + 2 * kChecksumBytes;
  }
  return kept;
}

// Truncates the file after the records of `step`. Returns the bytes that are left.
std::uintmax_t cut_back(const std::filesystem::path& path, std::size_t step) {
  if (step == 0) return 0;
  const std::uintmax_t kept = bytes_up_to(path, step);
  std::error_code error;
  if (kept > 0) std::filesystem::resize_file(path, kept, error);
  if (error) {
    throw Error(ExitCode::kFailure, "cannot write " + path.string() + ": " + error.message());
  }
  return kept;
}

}  // namespace

EventFile::EventFile(std::filesystem::path path, std::size_t step)
    : kept_(cut_back(path, step)),
      file_(std::move(path), record_now(0, kFileVersion, kVersion),
            is_new() ? GrowingFile::Start::kEmpty : GrowingFile::Start::kAppend) {}

void EventFile::record(const StepRecord& record) {
  append(record.step, {{"train/loss", static_cast<double>(record.loss)},
                       {"train/learning_rate", static_cast<double>(record.learning_rate)}});
}

void EventFile::record(const EpochRecord& record) {
  append(record.step, {{"train/epoch_loss", record.train_loss}});
}

void EventFile::record(const ValidationRecord& record) {
  append(record.step, {{"validation/loss", record.loss}, {"validation/accuracy", record.accuracy}});
}

void EventFile::record(const RunCurves& curves) {
  append("train/loss", curves.loss);
  append("train/learning_rate", curves.learning_rate);
  append("train/epoch_loss", curves.epoch_loss);
  append("validation/loss", curves.validation_loss);
  append("validation/accuracy", curves.validation_accuracy);
}

void EventFile::append(std::string_view tag, const Curve& curve) {
  for (const CurvePoint& point : curve) {
    append(static_cast<std::size_t>(point.step), {{tag, point.value}});
  }
}

void EventFile::append(std::size_t step, std::initializer_list<Scalar> scalars) {
  const std::string summary = written([&](CodedOutputStream& out) {
    for (const Scalar& scalar : scalars) {
      write_bytes(out, kValue, written([&](CodedOutputStream& value) {
                    write_bytes(value, kName, std::string(scalar.tag));
                    value.WriteTag(kSimpleValue);
                    value.WriteLittleEndian32(
                        std::bit_cast<std::uint32_t>(static_cast<float>(scalar.value)));
                  }));
    }
  });
  file_.append(record_now(step, kSummary, summary));
}

}  // namespace mnist
