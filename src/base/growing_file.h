// A file that grows while a run goes on.
#pragma once

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace mnist {

/// Written in blocks and at least once a second. All functions throw Error(kFailure) naming the
/// file and the system's reason.
class GrowingFile {
 public:
  enum class Start { kEmpty, kAppend };

  /// Creates or empties the file and writes the header, or appends to what is there.
  GrowingFile(std::filesystem::path path, std::string_view header, Start start = Start::kEmpty);
  ~GrowingFile();  // flushes, but says nothing of a failure: call flush() to learn of one

  void append(std::string_view bytes);
  void flush();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, Close> file_;
  std::string pending_;
  std::chrono::steady_clock::time_point next_flush_;
};

}  // namespace mnist
