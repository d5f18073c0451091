// The control plane's port: the operations API, health and metrics.
#pragma once

#include <memory>

#include "base/random.h"
#include "control/access.h"
#include "control/plane.h"
#include "http/server.h"

namespace vigia::control {

// All given outlive the server. `drills`: what /api/v1/drills tells, [{name, title, runbook, paged}].
Result<std::unique_ptr<http::Server>> StartServer(Plane& plane, Access& access, Entropy& entropy, const Json& drills);

}  // namespace vigia::control
