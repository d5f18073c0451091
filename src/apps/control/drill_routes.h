// /api/v1/drills and /api/v1/drill-runs: what can be played, and what was.
#pragma once

#include "control/drills.h"
#include "control/plane.h"
#include "control/router.h"

namespace vigia::control {

void AddDrillRoutes(Router& router, Plane& plane, Drills& drills);

}  // namespace vigia::control
