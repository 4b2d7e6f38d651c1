#include "base/growing_file.h"

#include <fcntl.h>

#include <cerrno>
#include <exception>
#include <utility>

namespace mnist {
namespace {

constexpr std::size_t kFlushBytes = 1 << 16;
constexpr std::chrono::seconds kFlushEvery{1};

}  // namespace

GrowingFile::GrowingFile(std::filesystem::path path, std::string_view header, Start start)
    : path_(std::move(path)),
      file_(open_file(path_,
                      O_WRONLY | O_CREAT | O_APPEND | (start == Start::kEmpty ? O_TRUNC : 0))) {
  if (!file_.opened()) fail_to("create", path_, errno);
  if (start == Start::kEmpty) append(header);
  flush();
}

GrowingFile::~GrowingFile() {
  try {
    flush();
  } catch (const std::exception&) {
    // A destructor must not throw; a caller who needs the error calls flush() first.
  }
}

void GrowingFile::append(std::string_view bytes) {
  pending_.append(bytes);
  if (pending_.size() >= kFlushBytes || std::chrono::steady_clock::now() >= next_flush_) flush();
}

void GrowingFile::flush() {
  next_flush_ = std::chrono::steady_clock::now() + kFlushEvery;
  if (pending_.empty()) return;
  synced_ = false;
  // Drop the bytes even if the write fails: a retry could write a part of them twice.
  const std::string bytes = std::exchange(pending_, {});
  if (const int error = write_all(file_.get(), bytes)) fail_to("write", path_, error);
}

void GrowingFile::sync() {
  flush();
  if (synced_) return;
  if (const int error = sync_descriptor(file_.get())) fail_to("write", path_, error);
  synced_ = true;
}

}  // namespace mnist
