#include "fuzz/fuzz_file.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

namespace mnist::fuzz {

MemoryFile::MemoryFile(std::string_view bytes) : file_(memfd_create("input", MFD_CLOEXEC)) {
  if (!file_.opened() || write_all(file_.get(), bytes) != 0) std::abort();
}

std::filesystem::path MemoryFile::path() const {
  return fmt::format("/proc/self/fd/{}", file_.get());
}

const std::filesystem::path& scratch_directory() {
  static const struct Scratch {
    Scratch() { std::filesystem::create_directories(path); }
    ~Scratch() { std::filesystem::remove_all(path); }
    std::filesystem::path path = fmt::format("/dev/shm/mnist-fuzz-{}", ::getpid());
  } scratch;
  return scratch.path;
}

}  // namespace mnist::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz_one({reinterpret_cast<const char*>(data), size});
  return 0;
}
