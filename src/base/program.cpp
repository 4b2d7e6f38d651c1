#include "base/program.h"

#include <cstdlib>
#include <string>
#include <system_error>

#include "base/platform.h"
#include "base/split.h"

namespace mnist {

namespace fs = std::filesystem;

namespace {

struct Program {
  fs::path name = "mnist";
  fs::path directory;  // the working directory at the start
};

Program& program() {
  static Program the_program;
  return the_program;
}

#if !MNIST_LINUX
// The path under which a shell finds the program.
fs::path looked_for(const Program& program) {
  if (program.name.has_parent_path()) return program.directory / program.name;
  const char* path = std::getenv("PATH");
  for (const std::string_view folder : split(path == nullptr ? "" : path, ':')) {
    const fs::path file = program.directory / folder / program.name;
    std::error_code ignored;
    if (fs::is_regular_file(file, ignored)) return file;
  }
  return {};
}
#endif

}  // namespace

void remember_program(const char* name) {
  std::error_code ignored;
  if (name != nullptr && *name != '\0') program().name = name;
  program().directory = fs::current_path(ignored);
}

fs::path program_name() { return program().name; }

std::optional<fs::path> program_path() {
  std::error_code error;
#if MNIST_LINUX
  fs::path path = fs::read_symlink("/proc/self/exe", error);
#else
  fs::path path = fs::canonical(looked_for(program()), error);
#endif
  if (error) return std::nullopt;
  return path;
}

}  // namespace mnist
