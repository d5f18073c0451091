// /api/v1/models: versions, their history, promotion and roll-back.
#pragma once

#include "control/plane.h"
#include "control/router.h"

namespace vigia::control {

void AddModelRoutes(Router& router, Plane& plane);

}  // namespace vigia::control
