#include "base/huge_pages.h"

#include <cstdint>

#include "base/platform.h"

#if MNIST_LINUX
#include <sys/mman.h>
#endif

namespace mnist {

void prefer_huge_pages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) {
#if MNIST_LINUX
  constexpr std::uintptr_t kHugePage = 2 << 20;
  // Before anything is written, as pages keep the size that they have then. The pages that others
  // share at either end stay small.
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t begin = (address + kHugePage - 1) / kHugePage * kHugePage;
  const std::uintptr_t end = (address + bytes) / kHugePage * kHugePage;
  // Where it fails, small pages do.
  if (begin < end) {
    madvise(static_cast<char*>(memory) + (begin - address), end - begin, MADV_HUGEPAGE);
  }
#endif
}

}  // namespace mnist
