// /api/v1/incidents and what people do to one.
#pragma once

#include "control/plane.h"
#include "control/router.h"

namespace vigia::control {

void AddIncidentRoutes(Router& router, Plane& plane);

}  // namespace vigia::control
