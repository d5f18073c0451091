// The control plane's port: the operations API, health and metrics.
#pragma once

#include <memory>

#include "base/random.h"
#include "control/access.h"
#include "control/drills.h"
#include "control/plane.h"
#include "http/server.h"

namespace vigia::control {

// All given outlive the server.
Result<std::unique_ptr<http::Server>> StartServer(Plane& plane, Access& access, Entropy& entropy, Drills& drills);

}  // namespace vigia::control
