#include "base/growing_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace mnist {
namespace {

constexpr std::size_t kBlock = 1 << 16;
constexpr std::chrono::seconds kFlushEvery{1};

[[noreturn]] void fail(const char* what, const std::filesystem::path& path, int error_number) {
  throw Error(ExitCode::kFailure,
              fmt::format("cannot {} {}: {}", what, path.string(),
                          std::error_code(error_number, std::generic_category()).message()));
}

}  // namespace

GrowingFile::GrowingFile(std::filesystem::path path, std::string_view header, Start start)
    : path_(std::move(path)), file_(std::fopen(path_.c_str(), start == Start::kEmpty ? "w" : "a")) {
  if (!file_) fail("create", path_, errno);
  std::setvbuf(file_.get(), nullptr, _IONBF, 0);  // `pending_` is the buffer
  if (start == Start::kEmpty) append(header);
  flush();
}

GrowingFile::~GrowingFile() {
  try {
    flush();
  } catch (const Error&) {
    // Whoever cares has flushed before.
  }
}

void GrowingFile::append(std::string_view bytes) {
  pending_.append(bytes);
  if (pending_.size() >= kBlock || std::chrono::steady_clock::now() >= next_flush_) flush();
}

void GrowingFile::flush() {
  next_flush_ = std::chrono::steady_clock::now() + kFlushEvery;
  if (pending_.empty()) return;
  errno = 0;
  const std::size_t written = std::fwrite(pending_.data(), 1, pending_.size(), file_.get());
  const int error_number = errno;
  const bool whole = written == pending_.size();
  pending_.clear();
  if (!whole) fail("write", path_, error_number);
}

}  // namespace mnist
