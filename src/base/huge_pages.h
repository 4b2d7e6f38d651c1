// Memory on huge pages: whoever reads at random all over many megabytes then seldom waits for the
// page tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mnist {

/// Asks for huge pages in that memory, nothing of which is written yet, where the system has such
/// pages.
void prefer_huge_pages(void* memory, std::size_t bytes);

/// values.reserve(size), on huge pages where these are many bytes.
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
