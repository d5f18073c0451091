// /api/v1/runs: looking, approving, denying, and a person who takes over.
#pragma once

#include "control/plane.h"
#include "control/router.h"

namespace vigia::control {

void AddRunRoutes(Router& router, Plane& plane);

}  // namespace vigia::control
