#include "base/base64.h"

#include <cstdint>

namespace vigia {

std::string Base64(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  uint32_t bits = 0;
  int have = 0;  // bits not yet written
  for (const char c : bytes) {
    bits = bits << 8U | static_cast<unsigned char>(c);
    for (have += 8; have >= 6; have -= 6) text += kAlphabet[bits >> (have - 6) & 63U];
  }
  if (have > 0) text += kAlphabet[bits << (6 - have) & 63U];
  while (text.size() % 4 != 0) text += '=';
  return text;
}

}  // namespace vigia
