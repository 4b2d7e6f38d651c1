// Products of sizes from files and flags, with a check for overflow.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>

namespace mnist {

/// The product of all sizes, 1 if there are none; nothing if it overflows std::size_t.
template <class Sizes>
std::optional<std::size_t> checked_product(const Sizes& sizes) {
  std::size_t product = 1;
  for (const std::size_t size : sizes) {
    if (__builtin_mul_overflow(product, size, &product)) return std::nullopt;
  }
  return product;
}

inline std::optional<std::size_t> checked_product(std::initializer_list<std::size_t> sizes) {
  return checked_product<std::initializer_list<std::size_t>>(sizes);
}

}  // namespace mnist
