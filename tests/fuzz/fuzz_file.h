// What a fuzzer's input is given to: files, and calls that may refuse it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/file.h"

namespace mnist::fuzz {

/// A file in memory, whatever reads it by its path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes);
  std::filesystem::path path() const;

 private:
  Descriptor file_;
};

/// An empty directory in memory that lasts as long as the process.
const std::filesystem::path& scratch_directory();

/// Calls `read`, which may refuse its input by an Error. Anything else that it throws, and all that
/// a sanitizer or libFuzzer's limits notice, is a fault.
template <class Read>
void expect_no_more_than_refusal(const Read& read) {
  try {
    read();
  } catch (const Error&) {
    // as a user would be told
  }
}

}  // namespace mnist::fuzz

/// Each fuzzer defines this.
void fuzz_one(std::string_view input);
