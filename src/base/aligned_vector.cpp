#include "base/aligned_vector.h"

#include <sys/mman.h>

#include <cstdlib>
#include <new>

namespace mnist {
namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kHugePage = 2 << 20;

}  // namespace

void* allocate_aligned(std::size_t bytes) {
  const bool huge = bytes >= kHugePage;
  const std::size_t alignment = huge ? kHugePage : kCacheLine;
  // A whole number of cache lines, as std::aligned_alloc wants it; the last huge page stays partly
  // unused, and so without memory.
  const std::size_t size = (bytes + alignment - 1) / alignment * alignment;
  if (size < bytes) throw std::bad_alloc();
  void* p = std::aligned_alloc(alignment, size);
  if (p == nullptr) throw std::bad_alloc();
  if (huge) madvise(p, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
  return p;
}

void free_aligned(void* p) { std::free(p); }

}  // namespace mnist
