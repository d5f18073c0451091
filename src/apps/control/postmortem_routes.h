// /api/v1/incidents/{id}/postmortem.
#pragma once

#include "control/plane.h"
#include "control/router.h"

namespace vigia::control {

void AddPostmortemRoutes(Router& router, Plane& plane);

}  // namespace vigia::control
