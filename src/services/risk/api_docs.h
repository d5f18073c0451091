// What the service says of itself: OpenAPI 3.1, and a page for people. No network, no scripts.
#pragma once

#include <string>

#include "risk/served_model.h"

namespace vigia::risk {

// With a model, the instances' schema names its features, types and ranges.
std::string OpenApiJson(const ServedModel* model);
std::string DocsHtml(const ServedModel* model);

}  // namespace vigia::risk
