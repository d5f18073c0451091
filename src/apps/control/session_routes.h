// /api/v1/session: signing in and out.
#pragma once

#include "control/access.h"
#include "control/plane.h"
#include "control/router.h"

namespace vigia::control {

void AddSessionRoutes(Router& router, Plane& plane, Access& access);

}  // namespace vigia::control
