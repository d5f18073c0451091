// Base64 (RFC 4648, section 4), with padding.
#pragma once

#include <string>
#include <string_view>

namespace vigia {

std::string Base64(std::string_view bytes);

}  // namespace vigia
