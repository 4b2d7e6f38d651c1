// A file that grows while a run goes on.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/file.h"

namespace mnist {

/// Written in blocks and at least once a second. All functions throw Error(kFailure) naming the
/// file and the system's reason; those after a failure write nothing any more.
class GrowingFile {
 public:
  enum class Start { kEmpty, kAppend };

  /// Creates or empties the file and writes the header, or appends to what is there.
  GrowingFile(std::filesystem::path path, std::string_view header, Start start = Start::kEmpty);
  ~GrowingFile();  // flushes, but says nothing of a failure: call flush() to learn of one

  void append(std::string_view bytes);
  void flush();

  /// Flushes, and makes sure that what was written survives a power failure.
  void sync();

 private:
  std::filesystem::path path_;
  Descriptor file_;
  std::string pending_;
  bool synced_ = false;
  std::chrono::steady_clock::time_point next_flush_;
};

}  // namespace mnist
