#include "base/program.h"

#include <cerrno>
#include <system_error>

#include "base/platform.h"

namespace mnist {

namespace fs = std::filesystem;

#if MNIST_LINUX

std::optional<fs::path> program_path() {
  std::error_code error;
  fs::path path = fs::read_symlink("/proc/self/exe", error);
  if (error) return std::nullopt;
  return path;
}

fs::path program_name() { return program_invocation_name; }

#else

std::optional<fs::path> program_path() { return std::nullopt; }

fs::path program_name() { return "mnist"; }

#endif

}  // namespace mnist
