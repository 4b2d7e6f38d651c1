#include "base/huge_pages.h"

#include "base/platform.h"

#if MNIST_LINUX
#include <sys/mman.h>
#endif

namespace mnist {

void reserve_on_huge_pages(std::vector<std::uint8_t>& bytes, std::size_t size) {
  if (size <= bytes.capacity()) return;
  std::vector<std::uint8_t> larger;
  larger.reserve(size);
#if MNIST_LINUX
  constexpr std::uintptr_t kHugePage = 2 << 20;
  // Before anything is written, as pages keep the size that they have then. The pages that others
  // share at either end stay small.
  const auto address = reinterpret_cast<std::uintptr_t>(larger.data());
  const std::uintptr_t begin = (address + kHugePage - 1) / kHugePage * kHugePage;
  const std::uintptr_t end = (address + size) / kHugePage * kHugePage;
  // Where it fails, small pages do.
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
  larger.assign(bytes.begin(), bytes.end());
  bytes.swap(larger);
}

}  // namespace mnist
