#include "sha256.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace mnist {
namespace {

using Words = std::array<std::uint32_t, 8>;

/// The first 32 bits of a root's fraction; the 64 bits of a long double hold enough of them.
std::uint32_t fraction_bits(long double root) {
  return static_cast<std::uint32_t>((root - std::floor(root)) * 0x1p32L);
}

std::vector<std::uint32_t> primes(std::size_t count) {
  std::vector<std::uint32_t> found;
  for (std::uint32_t n = 2; found.size() < count; ++n) {
    bool prime = true;
    for (const std::uint32_t p : found) prime = prime && n % p != 0;
    if (prime) found.push_back(n);
  }
  return found;
}

void add_block(const std::uint8_t* block, const std::array<std::uint32_t, 64>& constants,
               Words& hash) {
  std::array<std::uint32_t, 64> w{};
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t b = 0; b < 4; ++b) w[i] = w[i] << 8 | block[4 * i + b];
  }
  for (std::size_t i = 16; i < 64; ++i) {
    const std::uint32_t a = w[i - 15];
    const std::uint32_t b = w[i - 2];
    w[i] = w[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) + w[i - 7] +
           (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10);
  }
  Words s = hash;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
    const std::uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
    const std::uint32_t first = s[7] +
                                (std::rotr(s[4], 6) ^ std::rotr(s[4], 11) ^ std::rotr(s[4], 25)) +
                                choice + constants[i] + w[i];
    const std::uint32_t second =
        (std::rotr(s[0], 2) ^ std::rotr(s[0], 13) ^ std::rotr(s[0], 22)) + majority;
    s = {first + second, s[0], s[1], s[2], s[3] + first, s[4], s[5], s[6]};
  }
  for (std::size_t i = 0; i < hash.size(); ++i) hash[i] += s[i];
}

}  // namespace

std::string sha256(std::span<const std::byte> bytes) {
  const std::vector<std::uint32_t> first_primes = primes(64);
  Words hash{};
  std::array<std::uint32_t, 64> constants{};
  for (std::size_t i = 0; i < constants.size(); ++i) {
    const auto prime = static_cast<long double>(first_primes[i]);
    constants[i] = fraction_bits(std::cbrt(prime));
    if (i < hash.size()) hash[i] = fraction_bits(std::sqrt(prime));
  }
  std::vector<std::uint8_t> message;
  for (const std::byte byte : bytes) message.push_back(std::to_integer<std::uint8_t>(byte));
  message.push_back(0x80);
  while (message.size() % 64 != 56) message.push_back(0);
  const std::uint64_t bits = std::uint64_t{bytes.size()} * 8;
  for (int shift = 56; shift >= 0; shift -= 8) {
    message.push_back(static_cast<std::uint8_t>(bits >> shift));
  }
  for (std::size_t i = 0; i < message.size(); i += 64) add_block(&message[i], constants, hash);
  std::string text;
  for (const std::uint32_t word : hash) text += fmt::format("{:08x}", word);
  return text;
}

}  // namespace mnist
