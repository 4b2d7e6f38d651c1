// A std::vector whose storage starts on a cache line, as SIMD kernels like it. Large ones lie on
// huge pages where the system has them: rows picked at random then do not wait for the page tables.
#pragma once

#include <cstddef>
#include <vector>

namespace mnist {

/// Throws std::bad_alloc.
void* allocate_aligned(std::size_t bytes);
void free_aligned(void* p);

template <class T>
struct AlignedAllocator {
  using value_type = T;

  AlignedAllocator() = default;
  template <class U>
  explicit AlignedAllocator(const AlignedAllocator<U>&) {}

  T* allocate(std::size_t n) { return static_cast<T*>(allocate_aligned(n * sizeof(T))); }
  void deallocate(T* p, std::size_t) { free_aligned(p); }

  template <class U>
  bool operator==(const AlignedAllocator<U>&) const {
    return true;
  }
};

template <class T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

}  // namespace mnist
