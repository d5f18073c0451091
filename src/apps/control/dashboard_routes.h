// What the dashboard is made of: its files, and the routes of the API that came with it.
#pragma once

#include "control/access.h"
#include "control/plane.h"
#include "control/router.h"

namespace vigia::control {

void AddDashboardRoutes(Router& router, Plane& plane, Access& access);

}  // namespace vigia::control
