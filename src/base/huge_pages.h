// Memory on huge pages: whoever reads at random all over many megabytes then seldom waits for the
// page tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mnist {

/// bytes.reserve(size), on huge pages where these are many bytes and the system has such pages.
void reserve_on_huge_pages(std::vector<std::uint8_t>& bytes, std::size_t size);

}  // namespace mnist
