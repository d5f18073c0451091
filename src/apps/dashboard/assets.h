// Serves the embedded dashboard.
#pragma once

#include <string>
#include <vector>

#include "http/stage.h"

namespace vigia::dashboard {

// One public GET route for each embedded file; the page itself is "/". Entity tags (304), gzip where the client
// takes it, and headers that keep the page from running or loading anything that is not ours.
std::vector<http::Route> AssetRoutes();

}  // namespace vigia::dashboard
