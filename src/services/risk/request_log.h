// One line per request in the loop's ring: no path of an unknown route, no query, no value;
// the address of a client only when it was refused (401, 403, 429).
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/line_log.h"
#include "http/stage.h"

namespace vigia::risk {

// INFO below 400, WARNING below 500, ERROR above. Probes and scrapes that succeed are DEBUG.
std::unique_ptr<http::Stage> MakeRequestLogStage(LineLog& log, LineRing& ring, const Clock& clock);

}  // namespace vigia::risk
