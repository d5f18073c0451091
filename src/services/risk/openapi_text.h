// openapi.json as it is written: all but what depends on the model.
#pragma once

#include <string_view>

namespace vigia::risk {

// OpenAPI 3.1. "x-summary-pt" is an operation's summary in Portuguese.
std::string_view OpenApiText();

}  // namespace vigia::risk
