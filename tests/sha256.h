// SHA-256 (FIPS 180-4), for tests that hold what a run computes against a constant.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace mnist {

/// 64 hexadecimal digits.
std::string sha256(std::span<const std::byte> bytes);

}  // namespace mnist
