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
  // Advise before the first write, because that is when a page gets its size. Only whole huge pages
  // within the buffer are advised; its ends may share pages with other memory.
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
