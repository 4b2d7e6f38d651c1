// Memory on huge pages: random reads over many megabytes then cause fewer TLB misses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mnist {

/// Asks the system for huge pages, if it has them, for memory that has not been written yet.
void prefer_huge_pages(void* memory, std::size_t bytes);

/// values.reserve(size), on huge pages if the buffer is large enough.
template <class T>
void reserve_on_huge_pages(std::vector<T>& values, std::size_t size) {
  if (size <= values.capacity()) return;
  std::vector<T> larger;
  larger.reserve(size);
  prefer_huge_pages(larger.data(), size * sizeof(T));
  larger.assign(values.begin(), values.end());
  values.swap(larger);
}

}  // namespace mnist
