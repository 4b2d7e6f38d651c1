// An append-only file, such as a run's log.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/file.h"

namespace mnist {

/// Buffers bytes, and writes them in blocks: append() flushes when a block is full or a second has
/// passed. All functions throw Error(kFailure) naming the file and the system's reason.
class GrowingFile {
 public:
  enum class Start { kEmpty, kAppend };

  /// Creates or empties the file and writes the header, or appends to what is there.
  GrowingFile(std::filesystem::path path, std::string_view header, Start start = Start::kEmpty);
  ~GrowingFile();  // flushes and ignores errors; call flush() to see them

  void append(std::string_view bytes);
  void flush();

  /// Flushes, then syncs the file to disk.
  void sync();

 private:
  std::filesystem::path path_;
  Descriptor file_;
  std::string pending_;
  bool synced_ = false;
  std::chrono::steady_clock::time_point next_flush_;
};

}  // namespace mnist
