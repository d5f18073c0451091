// Integers in the order of the floats. Internal to scoring.
#pragma once

#include <bit>
#include <cstdint>

namespace vigia::scoring {

// −0 and 0 are one. A NaN's key means nothing.
inline uint32_t KeyOf(float value) {
  const auto bits = std::bit_cast<uint32_t>(value + 0.0F);
  return (bits >> 31) != 0 ? ~bits : bits | 0x80000000U;
}
// The same, signed.
inline int32_t SignedKeyOf(float value) { return static_cast<int32_t>(KeyOf(value) ^ 0x80000000U); }

}  // namespace vigia::scoring
