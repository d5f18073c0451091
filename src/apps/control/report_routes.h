// /api/v1/drift, /api/v1/performance, /api/v1/audit and /api/v1/jobs: what was written down.
#pragma once

#include "control/plane.h"
#include "control/router.h"

namespace vigia::control {

void AddReportRoutes(Router& router, Plane& plane);

}  // namespace vigia::control
