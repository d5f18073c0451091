// /api/v1/checks, /api/v1/alerts.
#pragma once

#include "control/plane.h"
#include "control/router.h"

namespace vigia::control {

void AddCheckRoutes(Router& router, Plane& plane);

}  // namespace vigia::control
