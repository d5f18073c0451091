// /-/healthy, /-/ready, /metrics, /api/v1/status, services, jobs.
#pragma once

#include "control/plane.h"
#include "control/router.h"

namespace vigia::control {

void AddPlaneRoutes(Router& router, Plane& plane);

}  // namespace vigia::control
