// /api/v1/services: how they are, starting, stopping, restarting.
#pragma once

#include "control/plane.h"
#include "control/router.h"

namespace vigia::control {

void AddServiceRoutes(Router& router, Plane& plane);

}  // namespace vigia::control
