// What the monitoring reports' pages share: one style, light and dark, without a script or a link.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"

namespace vigia::drift {

// Text arguments are escaped here.
std::string PageHead(std::string_view title);
std::string PageFoot(WallTime created_at);
// A paragraph in Portuguese, and the same in English below it.
std::string Both(std::string_view pt, std::string_view en);
// A labelled value of a card of facts.
std::string Fact(std::string_view label, const std::string& value);

}  // namespace vigia::drift
