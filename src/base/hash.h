// A fast hash of byte strings, not a cryptographic one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace mnist {

/// FNV-1a over words of eight bytes.
class Hash {
 public:
  void add(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      std::uint64_t word = bytes.size();  // fills up a short last word, so that its length counts
      const std::size_t n = std::min<std::size_t>(bytes.size(), sizeof word);
      std::memcpy(&word, bytes.data(), n);
      value_ = (value_ ^ word) * 0x100000001b3U;
      value_ ^= value_ >> 32U;  // multiplication never moves high bits down
      bytes = bytes.subspan(n);
    }
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325U;
};

}  // namespace mnist
