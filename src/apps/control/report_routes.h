// /api/v1/drift, /api/v1/performance and /api/v1/audit: what was written down.
#pragma once

#include "control/plane.h"
#include "control/router.h"

namespace vigia::control {

void AddReportRoutes(Router& router, Plane& plane);

}  // namespace vigia::control
