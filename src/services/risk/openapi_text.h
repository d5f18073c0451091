// openapi/*.json as they are written: all but what depends on the model. One file per concern, each an OpenAPI document
// with some of the paths and components; together they are the whole one.
#pragma once

#include <span>
#include <string_view>

namespace vigia::risk {

// OpenAPI 3.1. "x-summary-pt" is an operation's summary in Portuguese.
std::span<const std::string_view> OpenApiParts();

}  // namespace vigia::risk
