// src/apps/control/openapi.json, as the program carries it.
#pragma once

#include <string_view>

namespace vigia::control {

std::string_view OpenApiText();

}  // namespace vigia::control
