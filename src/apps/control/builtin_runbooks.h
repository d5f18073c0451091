// The runbooks that the program brings along, as they stand in the folder runbooks/.
#pragma once

#include <span>
#include <string_view>

namespace vigia::control {

struct BuiltInRunbook {
  std::string_view file;  // "service-down.yaml"
  std::string_view text;
};
std::span<const BuiltInRunbook> BuiltInRunbooks();

}  // namespace vigia::control
