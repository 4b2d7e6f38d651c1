// The one way to report an error: thrown where it is noticed, caught once in main.cpp.
#pragma once

#include <stdexcept>
#include <string>

namespace mnist {

/// The program's exit codes; scripts rely on them.
enum class ExitCode : int {
  kSuccess = 0,
  kFailure = 1,        // anything not named below, e.g. a full disk
  kUsage = 2,          // wrong flags or a combination that makes no sense
  kBadInput = 3,       // bad or missing data, weights or config file
  kDiverged = 4,       // training diverged or collapsed
  kInterrupted = 130,  // SIGINT or SIGTERM, after the checkpoint is safe
};

/// An error and the program's exit code. The message is one line: what is wrong, in which file and
/// row (or byte), and how to fix it.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// Error(kBadInput) for a file, with the message "<name>: <problem>".
inline Error bad_input(const std::string& name, const std::string& problem) {
  return {ExitCode::kBadInput, name + ": " + problem};
}

/// Throws Error(kUsage).
[[noreturn]] inline void refuse(const std::string& message) {
  throw Error(ExitCode::kUsage, message);
}

}  // namespace mnist
