// Checksums: SHA-256 for files and keys, CRC-32C for records.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vigia {

std::string Sha256Hex(std::string_view bytes);  // 64 lower-case hexadecimal digits
uint32_t Crc32c(std::string_view bytes, uint32_t seed = 0);

// Equal, in a time that does not depend on where they differ.
bool ConstantTimeEqual(std::string_view a, std::string_view b);

}  // namespace vigia
