// CRC-32C, the checksum of iSCSI (RFC 3720, section 12.1) and of many file formats.
#pragma once

#include <cstdint>
#include <string_view>

namespace mnist {

/// The checksum of all bytes; 0 for an empty string.
std::uint32_t crc32c(std::string_view bytes);

}  // namespace mnist
